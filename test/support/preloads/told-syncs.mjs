/**
 * Loaded before the command in tests: adds a line to the file TEST_SYNCED for each flush to the disk, and for each
 * output.
 */
import fs from "node:fs";
import { syncBuiltinESMExports } from "node:module";

const { appendFileSync, fstatSync, fsync, fsyncSync, openSync } = fs;
const paths = new Map();
const note = (line) => appendFileSync(process.env.TEST_SYNCED, `${JSON.stringify(line)}\n`);

fs.openSync = (path, ...given) => {
  const file = openSync(path, ...given);
  paths.set(file, String(path));
  return file;
};
fs.fsync = (file, done) => {
  const { size: bytes } = fstatSync(file);
  fsync(file, (error) => {
    if (!error) note({ synced: paths.get(file), bytes });
    done(error);
  });
};
fs.fsyncSync = (file) => {
  const { size: bytes } = fstatSync(file);
  fsyncSync(file);
  note({ synced: paths.get(file), bytes });
};
syncBuiltinESMExports();

for (const stream of [process.stdout, process.stderr]) {
  const write = stream.write.bind(stream);
  stream.write = (text, ...given) => {
    note({ told: String(text) });
    return write(text, ...given);
  };
}
