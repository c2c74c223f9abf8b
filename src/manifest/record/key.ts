/** An automation's key in the record: an item's id, or its name in quotes. */
export type RecordKey = string;

export const idForm = /^[A-Za-z0-9-]{1,128}$/;

export function keyOf({ id, name }: { id?: string | undefined; name: string }): RecordKey {
  return id ?? keyOfName(name);
}

export function nameInKey(key: RecordKey): string {
  return key.startsWith('"') ? JSON.parse(key) : key;
}

/** Quotes a name as JSON, which YAML reads too; what YAML or an editor takes for a line's end, or can't show, is escaped. */
export function keyOfName(name: string): RecordKey {
  return JSON.stringify(name).replace(
    /[\x7f-\x9f\u2028\u2029\ufeff\ufffd\ufffe\uffff]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}
