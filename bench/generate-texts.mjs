// Text files of about so many bytes, of one record over and over with other values: CSV, JSON, XML and a log of
// Apache's.
import { createWriteStream, existsSync, mkdirSync, renameSync } from "node:fs";
import { dirname } from "node:path";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { createGzip } from "node:zlib";

const PIECE = 1 << 20;

const order = (i) => ({
  id: i,
  name: `customer ${i % 9973}`,
  price: (i % 10_000) / 4,
  city: ["Zürich", "Oslo", "Lima"][i % 3],
  note: `order ${i} of the year`,
  paid: i % 2 === 0,
});
const at = (i) => new Date(1_700_000_000_000 + i * 1000);
const month = (d) =>
  ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"][d.getUTCMonth()];
const two = (n) => String(n).padStart(2, "0");
function logLine(i) {
  const d = at(i);
  return (
    `192.168.${i % 256}.${(i * 7) % 256} - user${i % 100} [${two(d.getUTCDate())}/${month(d)}/${d.getUTCFullYear()}:${two(d.getUTCHours())}:${two(d.getUTCMinutes())}:${two(d.getUTCSeconds())} +0000] `
    + `"GET /shop/item/${i}?from=list HTTP/1.1" 200 ${i % 50_000} "https://shop.example/list" "Mozilla/5.0 (X11; Linux x86_64)"\n`
  );
}

/** Text of the records in pieces of about a megabyte until so many bytes are there. */
function* text(bytes, { head = "", line, between = "", tail = "" }) {
  let piece = head;
  let made = 0;
  for (let i = 0; made + piece.length < bytes; i++) {
    piece += (i === 0 ? "" : between) + line(i);
    if (piece.length >= PIECE) {
      made += Buffer.byteLength(piece);
      yield piece;
      piece = "";
    }
  }
  yield piece + tail;
}

const json = (i) => `${JSON.stringify(order(i))}\n`;
const csvLine = (i) => {
  const o = order(i);
  return `${o.id},${o.name},${o.price},${o.city},"${o.note}",${o.paid}\n`;
};
const xmlRow = (i) => {
  const o = order(i);
  return `  <order id="${o.id}"><name>${o.name}</name><price>${o.price}</price><city>${o.city}</city><note>${o.note}</note><paid>${o.paid}</paid></order>\n`;
};
export const TEXT_FILES = {
  csv: {
    name: "orders.csv",
    format: "csv",
    formatOptions: { withHeader: true },
    text: { head: "id,name,price,city,note,paid\n", line: csvLine },
  },
  "json array": {
    name: "orders.json",
    format: "json",
    text: { head: "[", line: (i) => JSON.stringify(order(i)), between: ",\n", tail: "]\n" },
  },
  "ndjson.gz": { name: "orders.json.gz", format: "json", text: { line: json }, gzip: true },
  xml: {
    name: "orders.xml",
    format: "xml",
    formatOptions: { rowTag: "order" },
    text: { head: '<?xml version="1.0" encoding="UTF-8"?>\n<orders>\n', line: xmlRow, tail: "</orders>\n" },
  },
  grokLog: {
    name: "access.log",
    format: "grokLog",
    formatOptions: { logFormat: "%{COMBINEDAPACHELOG}" },
    text: { line: logLine },
  },
};

/** Made once, under a name that exists only when it is whole. */
export async function textFile(path, bytes, { text: lines, gzip }) {
  if (existsSync(path)) return path;
  mkdirSync(dirname(path), { recursive: true });
  await pipeline(
    Readable.from(text(bytes, lines)),
    ...(gzip ? [createGzip({ level: 1 })] : []),
    createWriteStream(`${path}.part`),
  );
  renameSync(`${path}.part`, path);
  return path;
}
