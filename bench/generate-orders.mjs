#!/usr/bin/env node
// Writes drifting orders as NDJSON: the same arguments give the same bytes, on every machine.
//
//   node bench/generate-orders.mjs --bytes 300MB --files 24 --out bench/data/orders [--gzip] [--seed 1]
//
// About 850 bytes a record, 15 top-level fields, 4 levels. Drift is late and rare: none in the first 2 % of the files
// (with one file: of its bytes), then id int/string, price double/string, address struct/string, tags array/string,
// items[].qty int/string, items[].attrs.size int/string, customer.prefs.notif.sms boolean/string. `counter` is an
// integer that is now and then past 32 bits, past 64 bits or a decimal of 30 digits; `note`, `phone`, `promo`, `gift`
// are absent or null at times.
import { createWriteStream, mkdirSync, rmSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { once } from "node:events";
import { finished } from "node:stream/promises";
import { parseArgs } from "node:util";
import { createGzip } from "node:zlib";

const UNITS = { "": 1, B: 1, KB: 1e3, MB: 1e6, GB: 1e9 };
const CHUNK = 1 << 18; // characters gathered before they are encoded
const NAMES = [
  "Ada Lovelace",
  "Grace Hopper",
  "Alan Turing",
  "Édith Piaf",
  "Jürgen Klein",
  "Zoë Smith",
  "Nils Åberg",
  "Ana María Núñez",
  "山田太郎",
  "Olga Petrova",
  'Sam O\\"Neil',
  "Ingrid Ek",
];
const CITIES = ["Lisbon", "København", "São Paulo", "Zürich", "Nairobi", "Osaka", "Austin", "Kraków"];
const WORDS = [
  "gift",
  "fragile",
  "express",
  "bulk",
  "returns",
  "loyal",
  "promo",
  "eu",
  "us",
  "b2b",
  "priority",
  "seasonal",
];
const COLORS = ["red", "green", "blue", "black", "white", "silver"];
const SIZES = ['"S"', '"M"', '"L"', '"XL"'];
const CHANNELS = ['"mail"', '"push"', '"web"', '"chat"'];
const TIERS = ["bronze", "silver", "gold", "platinum"];
const NOTES = [
  "leave at the door",
  "ring twice\\nthen call",
  "call before delivery",
  "no substitutions please",
  "birthday \\u2764 present",
  "second floor, left-hand side",
];

/** A generator of 32-bit numbers: mulberry32. */
function randomFrom(seed) {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return (t ^ (t >>> 14)) >>> 0;
  };
}

const two = (n) => (n < 10 ? `0${n}` : `${n}`);
const money = (n) => `${Math.trunc(n / 100)}.${two(n % 100)}`;

/**
 * One order per call, as a line; only with `drifting` does it take the rare forms. The questions asked of `random`
 * never depend on time or place.
 */
function orderWriter(random, firstNumber) {
  let number = firstNumber;
  const below = (n) => random() % n;
  const pick = (list) => list[random() % list.length];
  const rarely = (drifting, perThousand) => random() % 1000 < perThousand && drifting;

  function counter() {
    const kind = below(100);
    const base = random();
    if (kind < 90) return base & 0x7fffffff;
    if (kind < 97) return `${1 + below(9)}${base}${1000 + below(9000)}`;
    if (kind < 99) return `${1 + below(9)}${base}${random()}${random()}`.slice(0, 20).padEnd(20, "7");
    return `${1 + below(9)}${base}${random()}${random()}`.slice(0, 24).padEnd(30, "3");
  }

  function item(drifting) {
    const qty = 1 + below(9);
    let discounts = "";
    for (let n = below(3); n > 0; n--)
      discounts += `${discounts === "" ? "" : ","}{"code":"D${below(500)}","amt":${money(below(2000))}}`;
    const size = rarely(drifting, 12) ? 36 + below(12) : pick(SIZES);
    return (
      `{"sku":"SKU-${100000 + below(900000)}","qty":${rarely(drifting, 8) ? `"${qty}"` : qty},"price":${money(100 + below(50000))},`
      + `"attrs":{"color":"${pick(COLORS)}","size":${size}},"discounts":[${discounts}]}`
    );
  }

  function customer(drifting) {
    const name = pick(NAMES);
    const id = 1 + below(200000);
    let channels = pick(CHANNELS);
    if (below(2) === 1) channels += `,${pick(CHANNELS)}`;
    const sms = rarely(drifting, 10) ? (below(2) === 1 ? '"yes"' : '"no"') : below(2) === 1;
    const phone = below(10) < 7 ? `,"phone":"+${1 + below(98)} ${1000000 + below(9000000)}"` : "";
    return (
      `{"id":${id},"name":"${name}","email":"user${id}@example.com","prefs":{"lang":"${below(3) === 0 ? "de" : "en"}",`
      + `"notif":{"email":${below(4) > 0},"sms":${sms},"channels":[${channels}]}}${phone}}`
    );
  }

  function address(drifting) {
    const street = `${1 + below(250)} ${pick(WORDS)} street`;
    const city = pick(CITIES);
    if (rarely(drifting, 15)) return `"${street}, ${city}"`;
    return `{"street":"${street}","city":"${city}","zip":"${10000 + below(89999)}","geo":{"lat":${below(90)}.${1000 + below(9000)},"lon":-${below(180)}.${1000 + below(9000)}}}`;
  }

  return (drifting) => {
    const id = number++;
    const price = money(500 + below(200000));
    const at = `2024-${two(1 + below(12))}-${two(1 + below(28))}T${two(below(24))}:${two(below(60))}:${two(below(60))}Z`;
    const idText = rarely(drifting, 10) ? `"A-${id}"` : id;
    const priceText = rarely(drifting, 20) ? `"${price}"` : price;
    const noteKind = below(10);
    const note = noteKind < 3 ? "" : noteKind < 5 ? ',"note":null' : `,"note":"${pick(NOTES)}"`;
    const tagList = `${pick(WORDS)}","${pick(WORDS)}`;
    const tags = rarely(drifting, 12) ? `"${pick(WORDS)}"` : `["${tagList}"]`;
    let items = item(drifting);
    for (let n = below(4); n > 0; n--) items += `,${item(drifting)}`;
    const scores = `${below(100)}.${below(10)},${below(100)}.${below(10)}`;
    const promo =
      below(4) === 0
        ? `,"promo":{"code":"P${below(90)}","pct":${5 + below(40)}}`
        : below(8) === 0
          ? ',"promo":null'
          : "";
    const gift = below(5) === 0 ? `,"gift":${below(2) === 1}` : "";
    return (
      `{"id":${idText},"ts":"${at}","price":${priceText},"counter":${counter()}${note},"active":${below(3) > 0},`
      + `"customer":${customer(drifting)},"address":${address(drifting)},"tags":${tags},"items":[${items}],"scores":[${scores}]${promo},`
      + `"loyalty":{"tier":"${pick(TIERS)}","points":${below(10000)}},"meta.source":"${below(2) === 1 ? "web" : "app"}"${gift}}\n`
    );
  };
}

/** Writes one file; returns its uncompressed bytes and records. */
async function writeFile(path, bytes, driftFrom, write, gzip) {
  const file = createWriteStream(path, { highWaterMark: 1 << 20 });
  const sink = gzip ? createGzip({ level: 6 }) : file;
  if (gzip) sink.pipe(file);
  let written = 0;
  let records = 0;
  let text = "";
  while (written + text.length < bytes) {
    text += write(written + text.length >= driftFrom);
    records++;
    if (text.length < CHUNK && written + text.length < bytes) continue;
    const chunk = Buffer.from(text);
    written += chunk.length;
    text = "";
    if (!sink.write(chunk)) await once(sink, "drain");
  }
  sink.end();
  await finished(file);
  return { written, records };
}

const { values } = parseArgs({
  options: {
    bytes: { type: "string" },
    files: { type: "string", default: "24" },
    out: { type: "string" },
    gzip: { type: "boolean", default: false },
    seed: { type: "string", default: "1" },
  },
});
const size = /^(\d+(?:\.\d+)?)\s*([KMG]?B?)$/i.exec(values.bytes ?? "");
const unit = size === null ? undefined : UNITS[size[2].toUpperCase()];
const files = Number(values.files);
if (unit === undefined || values.out === undefined || !Number.isInteger(files) || files < 1) {
  console.error("usage: node bench/generate-orders.mjs --bytes 300MB --files 24 --out DIR [--gzip] [--seed N]");
  process.exit(2);
}
const total = Math.round(Number(size[1]) * unit);
mkdirSync(values.out, { recursive: true });
for (const name of readdirSync(values.out))
  if (/^orders-\d{4,}\.ndjson(\.gz)?$/.test(name)) rmSync(join(values.out, name));

const started = performance.now();
const cleanFiles = files === 1 ? 0 : Math.ceil(files * 0.02);
let bytes = 0;
let records = 0;
for (let index = 0; index < files; index++) {
  const share = Math.floor((total * (index + 1)) / files) - Math.floor((total * index) / files);
  const driftFrom = files === 1 ? share * 0.02 : index < cleanFiles ? Infinity : 0;
  const write = orderWriter(randomFrom(Number(values.seed) * 1_000_003 + index), 1 + records);
  const path = join(values.out, `orders-${String(index).padStart(4, "0")}.ndjson${values.gzip ? ".gz" : ""}`);
  const done = await writeFile(path, share, driftFrom, write, values.gzip);
  bytes += done.written;
  records += done.records;
}
const seconds = (performance.now() - started) / 1000;
console.log(
  JSON.stringify({
    files,
    records,
    bytes,
    seconds: Number(seconds.toFixed(2)),
    "MB/s": Math.round(bytes / 1e6 / seconds),
  }),
);
