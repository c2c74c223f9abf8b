export function lazy<Value>(make: () => Value): { get(): Value; made(): Value | undefined } {
  let value: Value | undefined;
  return {
    get: () => {
      value ??= make();
      return value;
    },
    made: () => value,
  };
}
