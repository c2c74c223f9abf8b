import { type BadFile, item, text } from "./bad-file.js";

const strange = "1:1: a manifest needs a top-level automations: or removed: key; this has";
const list = "1:1: a manifest must be a map of automations, deployments, removed, not a list";
const ofValues = "(--values accepts a values file)";

export const badValues: BadFile[] = [
  text("a values file in place of a manifest", "hour: 9\nlive: true\n", `${strange} hour, live ${ofValues}`),
  text("the same as a list", "- hour: 9\n- for: {customers: [cus_1]}\n  schedule: '@daily'\n", list),
  text("automations alone", "- name: A\n  schedule: every day at 9am\n  instructions: x\n", list),
  text(
    "one automation alone",
    "name: A\nschedule: every day at 9am\n",
    `${strange} name, schedule ${ofValues}`,
  ),
  text(
    "values that make a text too long",
    `${item.replace("x\n", '"${a}${a}"\n')}values:\n  a: ${"x".repeat(600_000)}\n`,
    "6:6: the text is too long with its variables filled in",
  ),
  text(
    "values that don't fit",
    `${item}    enabled: ${"${x:-maybe}"}\n    id: ${"${x:-dep_1}"}\n    initial: ${"${x:-tz}"}\n    formerly: ${"${x:-{a}}"}\n`,
    '5:14: enabled must be true or false, not "maybe"',
    "6:9: dep_1 isn't an id (use letters, digits and -, at most 128)",
    '7:14: initial must be true or false, not "tz"',
    "8:15: a variable is written ${name} or ${name:-default} (for a literal ${, write $${)",
  ),
  text(
    "values that can't be",
    `${item}values:\n  - team:\n    a: [1]\n    deployment.id: x\n    2b: x\n    c: is \${team}\n    team: twice\n    for: {customers: []}\n    not: {}\n  - x\n  - for: [dep_1]\n    not: {deployment: [dep_1], customers: [7]}\n`,
    '6:10: team must be text, a number, true or false, not empty (for empty text, write "")',
    "7:8: a must be text, a number, true or false, not a list",
    "8:5: deployment.id can't be set: each deployment has its own deployment.*",
    "9:5: 2b isn't a variable name (use letters, digits, _, - and ., starting with a letter or _)",
    "10:11: a variable isn't allowed here (for a literal ${, write $${)",
    "11:5: team is given twice (first on line 6)",
    "12:22: for.customers is empty",
    "13:10: not names no deployments and no customers",
    "14:5: values must be a map of names and values, or a list of such maps, not text",
    "15:10: for must be a map of deployments, customers, not a list",
    "16:11: unknown key deployment (did you mean deployments?)",
    '16:44: not.customers must be text, not the number 7 (put it in quotes: "7")',
  ),
  text(
    "values that are wrong where they are set, which are told there alone",
    `${item.replace("x\n", '"${a} ${b:-c} ${unset}"\n')}    enabled: \${a}\nvalues:\n  - a: [1]\n  - b: {}\n`,
    "4:33: the variable unset isn't set (to set it, use --values <file> or --var unset=…; for a literal ${, write $${)",
    "7:8: a must be text, a number, true or false, not a list",
    "8:8: b must be text, a number, true or false, not a map",
  ),
  text(
    "values that are no map, without which nothing is known of any",
    `deployments: ["\${b}"]\n${item.replace("x\n", '"${a}"\n')}values: 3\n`,
    "6:9: values must be a map of names and values, or a list of such maps, not the number 3",
  ),
  text(
    "values below values, and a spread without its unit",
    `${item.replace("x\n", '"${team}"\n')}    spread: 45\nvalues:\n  values: {team: growth}\n`,
    "5:13: spread must be text, not the number 45 (such as 45m or 1h30m)",
    "7:3: values can't be nested (a values file starts with the names themselves, without values: above them)",
  ),
  text(
    "values that the whole file depends on",
    `deployments: ["\${where}"]\n${item}    for: {customers: ["\${where}"]}\nvalues:\n  - where: dep_1\n  - {for: {deployments: [dep_2]}, where: dep_2}\n`,
    "1:15: a deployment can't contain where, which differs between deployments",
    "6:23: for.customers can't contain where, which differs between deployments",
  ),
];
