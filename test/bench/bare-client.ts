/**
 * Shared by the bare loops: `call(method, path, body?)` on eight persistent connections, and `each(items, work)`, eight
 * at once.
 */
export const bareClient = `
const http = require("node:http");
const { URL_BASE, KEY } = process.env;
const agent = new http.Agent({ keepAlive: true, maxSockets: 8 });
const call = (method, path, body) => new Promise((resolve, reject) => {
  const headers = { authorization: "Bearer " + KEY };
  if (body) Object.assign(headers, { "content-type": "application/json", "content-length": body.length });
  const request = http.request(URL_BASE + path, { method, headers, agent }, (answer) => {
    let text = "";
    answer.on("data", (part) => (text += part));
    answer.on("end", () => resolve(text === "" ? {} : JSON.parse(text)));
  });
  request.on("error", reject);
  request.end(body);
});
const each = async (items, work) => {
  const left = [...items];
  await Promise.all(Array.from({ length: 8 }, async () => {
    for (let item = left.shift(); item !== undefined; item = left.shift()) await work(item);
  }));
};`;
