// The Glue endpoint and the partition store: requests a second and latencies on this machine, and the same endpoint's
// /healthz as the measure of what HTTP alone costs.
//   node bench/server.mjs [partitions, default 100000] [seconds, default 5]
import "./ready.mjs";
import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { Agent, request } from "node:http";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const partitions = Number(process.argv[2] ?? 100_000);
const seconds = Number(process.argv[3] ?? 5);
const CLIENTS = 32;
const agent = new Agent({ keepAlive: true, maxSockets: CLIENTS });

function send(port, path, target, body = "") {
  return new Promise((resolve, reject) => {
    const call = request(
      {
        port,
        host: "127.0.0.1",
        path,
        method: target === undefined ? "GET" : "POST",
        agent,
        headers: target === undefined ? {} : { "x-amz-target": target, "content-length": Buffer.byteLength(body) },
      },
      (response) => {
        const chunks = [];
        response.on("data", (chunk) => chunks.push(chunk));
        response.on("end", () => {
          const text = Buffer.concat(chunks).toString();
          if (response.statusCode === 200) resolve(text);
          else reject(new Error(text));
        });
      },
    );
    call.on("error", reject);
    call.end(body);
  });
}

const glue = async (port, operation, input) =>
  JSON.parse(await send(port, "/", `AWSGlue.${operation}`, JSON.stringify(input)));
const percentile = (sorted, p) => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * p))];
const round = (value) => Math.round(value * 100) / 100;

/** `CLIENTS` at once for some seconds. */
async function load(call) {
  const times = [];
  const end = performance.now() + seconds * 1000;
  await Promise.all(
    Array.from({ length: CLIENTS }, async () => {
      while (performance.now() < end) {
        const began = performance.now();
        await call();
        times.push(performance.now() - began);
      }
    }),
  );
  times.sort((a, b) => a - b);
  return {
    perSecond: Math.round(times.length / seconds),
    p50: round(percentile(times, 0.5)),
    p99: round(percentile(times, 0.99)),
  };
}

async function one(calls, call) {
  const times = [];
  for (let i = 0; i < calls; i += 1) {
    const began = performance.now();
    await call(i);
    times.push(performance.now() - began);
  }
  times.sort((a, b) => a - b);
  return { p50: round(percentile(times, 0.5)), p99: round(percentile(times, 0.99)) };
}

const folder = mkdtempSync(join(tmpdir(), "dynaframe-bench-"));
const child = spawn(
  process.execPath,
  [
    join(root, "dist", "esm", "cli", "main.js"),
    "--catalog",
    folder,
    "--quiet",
    "--json",
    "serve",
    "--port",
    "0",
    "--insecure-no-auth",
  ],
  { stdio: ["ignore", "pipe", "inherit"] },
);
try {
  const { endpoint } = JSON.parse(
    await new Promise((resolve) => {
      child.stdout.once("data", (data) => resolve(String(data)));
    }),
  );
  const port = Number(new URL(endpoint).port);
  const table = {
    Name: "t",
    PartitionKeys: [
      { Name: "year", Type: "int" },
      { Name: "region", Type: "string" },
      { Name: "n", Type: "int" },
    ],
    StorageDescriptor: {
      Columns: Array.from({ length: 20 }, (_, i) => ({ Name: `c${i}`, Type: "string" })),
      Location: "s3://b/t",
    },
  };
  await glue(port, "CreateDatabase", { DatabaseInput: { Name: "d" } });
  await glue(port, "CreateTable", { DatabaseName: "d", TableInput: table });
  const getTable = () => send(port, "/", "AWSGlue.GetTable", '{"DatabaseName":"d","Name":"t"}');
  await load(getTable); // warm
  const served = await load(getTable);
  const bare = await load(() => send(port, "/healthz"));
  console.log(
    `GetTable, ${CLIENTS} clients: ${served.perSecond}/s, p50 ${served.p50} ms, p99 ${served.p99} ms; /healthz ${bare.perSecond}/s; ratio ${round(served.perSecond / bare.perSecond)}`,
  );

  const began = performance.now();
  for (let i = 0; i < partitions; i += 100) {
    const PartitionInputList = Array.from({ length: 100 }, (_, j) => ({
      Values: [String(2000 + ((i + j) % 25)), `r${(i + j) % 40}`, String(i + j)],
      StorageDescriptor: { Location: `s3://b/t/${i + j}` },
    }));
    await glue(port, "BatchCreatePartition", { DatabaseName: "d", TableName: "t", PartitionInputList });
  }
  console.log(
    `BatchCreatePartition: ${Math.round(partitions / ((performance.now() - began) / 1000))} partitions/s of ${partitions}`,
  );
  const selective = await one(300, (i) =>
    glue(port, "GetPartitions", { DatabaseName: "d", TableName: "t", Expression: `n = ${(i * 7919) % partitions}` }),
  );
  console.log(`GetPartitions, one of ${partitions}: p50 ${selective.p50} ms, p99 ${selective.p99} ms`);
  const walked = performance.now();
  let count = 0;
  let NextToken;
  do {
    const page = await glue(port, "GetPartitions", {
      DatabaseName: "d",
      TableName: "t",
      MaxResults: 1000,
      ...(NextToken === undefined ? {} : { NextToken }),
    });
    count += page.Partitions.length;
    NextToken = page.NextToken;
  } while (NextToken !== undefined);
  console.log(`whole walk of ${count}: ${round((performance.now() - walked) / 1000)} s`);
} finally {
  agent.destroy();
  child.kill("SIGTERM");
  await new Promise((resolve) => {
    child.once("exit", resolve);
  });
  rmSync(folder, { recursive: true, force: true });
}
