#!/usr/bin/env node
// Writes fixtures/clients anew: what boto3, awswrangler, PyIceberg, the AWS CLI, the AWS SDK for Java and Spark's
// GlueCatalog send in their tests, and what they are answered. Needs `npm run provision` for the clients. Then look at
// what changed: `git diff --stat fixtures/clients`.
import { spawnSync } from "node:child_process";

const { status } = spawnSync(
  "npx",
  ["jest", "test/server/python-clients", "test/server/java-clients", "--maxWorkers=1", ...process.argv.slice(2)],
  { stdio: "inherit", env: { ...process.env, DYNAFRAME_RECORD_CLIENTS: "1" } },
);
process.exitCode = status ?? 1;
