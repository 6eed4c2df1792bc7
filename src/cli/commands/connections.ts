import type { ConnectionInput } from "../../catalog/index.js";
import { allPages } from "../../catalog/all-pages.js";
import { redactConnection } from "../../catalog/connection-secrets.js";
import { DynaframeError } from "../../types/error.js";
import type { Invocation, CommandDefinition } from "../command.js";
import { withContext, withExisting } from "../open-context.js";
import { jsonDocument } from "../print/json.js";
import { clockTime } from "../print/number.js";
import { printTable } from "../print/table.js";
import { printable } from "../print/text.js";
import { UsageError } from "../usage-error.js";

type CreateOptions = {
  readonly url: string;
  readonly user?: string;
  readonly passwordEnv?: string;
  readonly passwordStdin?: true;
  readonly ssl?: true;
  readonly description?: string;
};

const EXAMPLES = `
A password is never an argument, where other users of the machine could read it: it comes from the environment or from standard input,
and is kept encrypted in the catalog.

Examples:
  $ dynaframe connections
  $ dynaframe connections create shop --url jdbc:postgresql://db:5432/shop --user etl --password-env SHOP_PASSWORD
  $ dynaframe connections test shop
  $ dynaframe connections rotate-key
  $ dynaframe connections delete shop`;

const ROTATION = `
The key is the file "key" in the catalog's folder; a new one takes its place. Where DYNAFRAME_KEY holds the key, put a new one before it
("<new> <old>"), run this, then leave the old one out. Other processes go on working meanwhile.`;

export const connectionsCommand: CommandDefinition = (program, run) => {
  const connections = program
    .command("connections")
    .description("list, create, test and delete connections to databases")
    .addHelpText("after", EXAMPLES)
    .action(run((invocation) => list(invocation)));
  connections
    .command("create")
    .argument("<name>", "name of the new connection")
    .requiredOption(
      "--url <url>",
      "jdbc:postgresql://host:port/database, jdbc:mysql://…, jdbc:mariadb://… or jdbc:sqlite:file",
    )
    .option("--user <user>", "user to log in as")
    .option("--password-env <variable>", "environment variable that holds the password")
    .option("--password-stdin", "read the password from standard input")
    .option("--ssl", "demand an encrypted connection to a server whose certificate is trusted")
    .option("--description <text>", "what it is for")
    .description("keep an address, a user and a secret under a name")
    .action(run((invocation, name: string, options: CreateOptions) => create(invocation, name, options)));
  connections
    .command("test")
    .argument("<name>", "name of the connection")
    .description("connect and print the server's version")
    .action(
      run((invocation, name: string) =>
        withExisting(invocation, async (glue) => {
          const tested = await glue.testConnection(name);
          const { terminal, global } = invocation;
          return terminal.out(
            global.json
              ? jsonDocument(tested)
              : `${printable(name)}: ${printable(tested.address)} answers, ${printable(tested.version)}\n`,
          );
        }),
      ),
    );
  connections
    .command("rotate-key")
    .description("encrypt all secrets anew with a new key, in one transaction")
    .addHelpText("after", ROTATION)
    .action(
      run((invocation) =>
        withExisting(invocation, async ({ catalog }) => {
          if (catalog.rotateKey === undefined) {
            throw new DynaframeError(
              "UNSUPPORTED_CATALOG",
              `The catalog ${catalog.address} keeps its secrets elsewhere`,
              { hint: "rotate the key where the catalog's folder is" },
            );
          }
          const rotated = await catalog.rotateKey();
          const { terminal, global } = invocation;
          return terminal.out(
            global.json
              ? jsonDocument(rotated)
              : `${rotated.secrets} secrets of ${rotated.connections} connections are encrypted with key ${rotated.key}\n`,
          );
        }),
      ),
    );
  connections
    .command("delete")
    .argument("<name>", "name of the connection")
    .description("forget a connection and its secret")
    .action(
      run((invocation, name: string) =>
        withExisting(invocation, async ({ catalog }) => {
          await catalog.deleteConnection(name);
          const { terminal, global } = invocation;
          return terminal.out(
            global.json ? jsonDocument({ deleted: name }) : `deleted connection ${printable(name)}\n`,
          );
        }),
      ),
    );
};

const list = (invocation: Invocation): Promise<void> =>
  withExisting(invocation, async ({ catalog }) => {
    const { terminal, global, style } = invocation;
    const all = (await allPages((page) => catalog.getConnections({ ...page, hidePassword: true }))).map(
      redactConnection,
    );
    if (global.json) return terminal.out(jsonDocument(all));
    if (all.length === 0) return terminal.out(`no connections in ${catalog.address}\n`);
    const rows = all.map(({ Name, ConnectionType, ConnectionProperties: properties, CreationTime, Description }) => [
      style.name(printable(Name)),
      ConnectionType,
      printable(properties["JDBC_CONNECTION_URL"] ?? properties["S3_ENDPOINT"] ?? properties["HOST"] ?? ""),
      printable(properties["USERNAME"] ?? ""),
      clockTime(CreationTime),
      printable(Description ?? ""),
    ]);
    return terminal.out(
      printTable(
        [
          { title: "CONNECTION" },
          { title: "TYPE" },
          { title: "ADDRESS" },
          { title: "USER" },
          { title: "CREATED" },
          { title: "DESCRIPTION" },
        ],
        rows,
        style,
      ),
    );
  });

async function create(invocation: Invocation, name: string, options: CreateOptions): Promise<void> {
  const { parseDatabaseUrl } = await import("../../database/address.js");
  try {
    parseDatabaseUrl(options.url, undefined);
  } catch (error) {
    // its text is not shown: it may hold a password
    throw error instanceof DynaframeError ? new UsageError(`--url: ${error.message}`, error.hint) : error;
  }
  const password = await passwordOf(invocation, options);
  const input: ConnectionInput = {
    Name: name,
    ConnectionType: "JDBC",
    ...(options.description === undefined ? {} : { Description: options.description }),
    ConnectionProperties: {
      JDBC_CONNECTION_URL: options.url,
      ...(options.user === undefined ? {} : { USERNAME: options.user }),
      ...(password === undefined ? {} : { PASSWORD: password }),
      ...(options.ssl ? { JDBC_ENFORCE_SSL: "true" } : {}),
    },
  };
  await withContext(invocation, async ({ catalog }) => {
    await catalog.createConnection(input);
    const { terminal, global } = invocation;
    return terminal.out(
      global.json ? jsonDocument(redactConnection(input)) : `created connection ${printable(name)}\n`,
    );
  });
}

async function passwordOf(
  { terminal }: Invocation,
  { passwordEnv, passwordStdin }: CreateOptions,
): Promise<string | undefined> {
  if (passwordEnv !== undefined && passwordStdin)
    throw new UsageError("--password-env and --password-stdin exclude each other");
  if (passwordEnv !== undefined) {
    const value = terminal.env[passwordEnv];
    if (value === undefined || value === "")
      throw new UsageError(`--password-env: the environment variable ${passwordEnv} is not set`);
    return value;
  }
  return passwordStdin ? (await text(process.stdin)).replace(/\r?\n$/, "") : undefined;
}

async function text(stream: AsyncIterable<Buffer | string>): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(Buffer.from(chunk));
  return Buffer.concat(chunks).toString("utf8");
}
