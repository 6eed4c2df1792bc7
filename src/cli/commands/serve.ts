import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { OpenServerOptions } from "../../server/open-server.js";
import { parseCount, parseForm } from "../arguments.js";
import type { CommandDefinition, Invocation } from "../command.js";
import { packageEntry } from "../job-runner.js";
import { readJsonFile } from "../json-file.js";
import { jsonDocument } from "../print/json.js";
import { UsageError } from "../usage-error.js";

type ServeOptions = {
  readonly port: number;
  readonly host: string;
  readonly credentials?: string;
  readonly insecureNoAuth?: boolean;
  readonly signatureAge: boolean;
  readonly accountId?: string;
  readonly region?: string;
  readonly testing?: boolean;
  readonly giveKey?: boolean;
  readonly coverage?: boolean;
};

const CREDENTIALS = {
  what: "the credentials file",
  code: "CREDENTIALS_INVALID",
  expected: "an object of access key ids and secret access keys",
  hint: 'write {"my-key-id": "my-secret"} into a file that only you can read',
  schema: {
    type: "object",
    minProperties: 1,
    propertyNames: { pattern: "^[\\w.-]{1,128}$" },
    additionalProperties: { type: "string", minLength: 8 },
  },
};

const EXAMPLES = `
Clients sign with a key of --credentials, or with $DYNAFRAME_ACCESS_KEY_ID and $DYNAFRAME_SECRET_ACCESS_KEY.
One line of JSON for each request goes to standard error, unless --quiet. GET /healthz and GET /metrics are not signed.

Examples:
  $ dynaframe serve --insecure-no-auth
  $ aws glue get-databases --endpoint-url http://127.0.0.1:9400
  $ dynaframe --catalog ./lake serve --host 0.0.0.0 --credentials keys.json
  $ dynaframe serve --testing --port 0 --insecure-no-auth`;

export const serveCommand: CommandDefinition = (program, run) => {
  program
    .command("serve")
    .description("answer the Glue API from the catalog, for AWS SDKs, the AWS CLI, awswrangler, PyIceberg and Spark")
    .option("-p, --port <number>", "port; 0 takes a free one", parseCount("--port", 0, 65535), 9400)
    .option("--host <address>", "address to listen on", "127.0.0.1")
    .option("--credentials <file>", "JSON file of access key ids and their secrets")
    .option("--insecure-no-auth", "take unsigned requests; on a loopback address only")
    .option("--no-signature-age", "take signatures of any age, for test suites that freeze the clock")
    .option(
      "--account-id <digits>",
      "account in ids and ARNs (default: 123456789012)",
      parseForm("--account-id", /^\d{12}$/, "12 digits"),
    )
    .option(
      "--region <name>",
      "region in ARNs (default: us-east-1)",
      parseForm("--region", /^[a-z0-9-]{1,63}$/, "the name of a region, such as us-east-1"),
    )
    .option("--testing", "serve a fresh, empty catalog that is gone at the end, with POST /reset to empty it")
    .option(
      "--give-key",
      "let the code of sessions and endpoints read the key file of the catalog, where nothing can keep it from that",
    )
    .option("--coverage", "print which operations of the Glue API are answered, and end")
    .addHelpText("after", EXAMPLES)
    .action(
      run(async (invocation, options: ServeOptions) => {
        const { terminal, global } = invocation;
        if (options.coverage === true) {
          const { coverage, coverageMarkdown } = await import("../../server/index.js");
          return terminal.out(global.json ? jsonDocument(coverage()) : coverageMarkdown());
        }
        return serve(invocation, options);
      }),
    );
};

async function serve({ terminal, global }: Invocation, options: ServeOptions): Promise<void> {
  const { testing = false, giveKey = false, signatureAge, port, host, accountId, region, insecureNoAuth } = options;
  if (testing && global.catalog !== undefined)
    throw new UsageError("--testing serves a catalog of its own and takes no --catalog");
  const keys = await accessKeys(options, terminal.env);
  if (insecureNoAuth === true && keys !== undefined)
    throw new UsageError("--insecure-no-auth and credentials exclude each other");
  const { openServer } = await import("../../server/open-server.js");
  const temporary = testing ? await mkdtemp(join(tmpdir(), "dynaframe-serve-")) : undefined;
  try {
    const settings: OpenServerOptions = {
      catalog: temporary ?? global.catalog ?? terminal.env["DYNAFRAME_CATALOG"] ?? "./.dynaframe",
      testing,
      isKeyGiven: giveKey,
      packageEntry: packageEntry(),
      port,
      host,
      checkSignatureAge: signatureAge,
      ...(keys === undefined ? {} : { keys }),
      ...(insecureNoAuth === undefined ? {} : { insecureNoAuth }),
      ...(accountId === undefined ? {} : { accountId }),
      ...(region === undefined ? {} : { region }),
      ...(global.quiet
        ? {}
        : {
            log: (entry) => {
              terminal.err(`${JSON.stringify(entry)}\n`);
            },
          }),
    };
    const server = await openServer(settings);
    await terminal.out(
      global.json ? `${JSON.stringify({ endpoint: server.endpoint })}\n` : `listening on ${server.endpoint}\n`,
    );
    await stopped(terminal.signal);
    await server.close();
  } finally {
    if (temporary !== undefined) await rm(temporary, { recursive: true, force: true });
  }
}

async function accessKeys(
  { credentials, insecureNoAuth }: ServeOptions,
  env: Readonly<Record<string, string | undefined>>,
): Promise<ReadonlyMap<string, string> | undefined> {
  if (credentials !== undefined)
    return new Map(Object.entries(await readJsonFile<Record<string, string>>(credentials, CREDENTIALS)));
  const { DYNAFRAME_ACCESS_KEY_ID: id = "", DYNAFRAME_SECRET_ACCESS_KEY: secret = "" } = env;
  if (id !== "" && secret !== "") return insecureNoAuth === true ? undefined : new Map([[id, secret]]);
  if (insecureNoAuth === true) return undefined;
  throw new UsageError(
    "serve needs --credentials, or DYNAFRAME_ACCESS_KEY_ID and DYNAFRAME_SECRET_ACCESS_KEY, or --insecure-no-auth",
  );
}

const stopped = (signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    if (signal.aborted) resolve();
    else
      signal.addEventListener(
        "abort",
        () => {
          resolve();
        },
        { once: true },
      );
  });
