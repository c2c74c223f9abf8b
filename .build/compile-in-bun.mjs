/**
 * Compiles an executable inside Bun, because only Bun's own function accepts plugins. The argument is Bun.build's
 * options as JSON.
 */
import { plainTables } from "./plain-tables.mjs";

await Bun.build({ ...JSON.parse(process.argv[2]), plugins: [plainTables] });
