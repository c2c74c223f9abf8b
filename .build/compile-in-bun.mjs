/** What Bun itself runs to compile an executable, since only its own function takes plugins. Its argument: Bun.build's options as JSON. */
import { plainTables } from "./plain-tables.mjs";

await Bun.build({ ...JSON.parse(process.argv[2]), plugins: [plainTables] });
