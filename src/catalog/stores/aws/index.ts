/**
 * The real service, or anything that speaks its protocol, through the AWS SDK: `aws:`, `aws:eu-west-1`,
 * `aws:eu-west-1?endpoint=http://…`.
 */
import { DynaframeError } from "../../../types/error.js";
import type { Catalog } from "../../index.js";
import { remoteError } from "../../wire/remote-error.js";
import type { Credentials } from "../../../storage/signature-v4.js";
import { type Wire, WireCatalog } from "../../wire/wire-catalog.js";

export type AwsCatalogOptions = {
  /** Default: the SDK's own chain (environment, profile, role). */
  readonly credentials?: Credentials;
};

type Sdk = typeof import("@aws-sdk/client-glue");

/** Members that the SDK wants as dates; everywhere else the port's numbers are numbers. */
const TIMES: ReadonlySet<string> = new Set(["LastAccessTime", "LastAnalyzedTime"]);

/**
 * Connects on first use. Ledgers, schema history, changes of several tables at once and entities are dynaframe's own
 * and UNSUPPORTED_CATALOG here.
 * @throws BAD_ADDRESS, OPTIONAL_DEPENDENCY without `@aws-sdk/client-glue`.
 */
export async function openAwsCatalog(address: string, options: AwsCatalogOptions = {}): Promise<Catalog> {
  const { region, endpoint } = parseAddress(address);
  const sdk = await loadSdk();
  const client = new sdk.GlueClient({
    ...(region === undefined ? {} : { region }),
    ...(endpoint === undefined ? {} : { endpoint }),
    ...(options.credentials === undefined ? {} : { credentials: options.credentials }),
  });
  const wire: Wire = {
    call: async <Output>(operation: string, input: object) => {
      const Command = (sdk as unknown as { readonly [name: string]: new (input: object) => never })[
        `${operation}Command`
      ];
      if (Command === undefined) {
        throw new DynaframeError(
          "UNSUPPORTED_CATALOG",
          `the installed @aws-sdk/client-glue has no operation ${operation}`,
          { hint: "npm install @aws-sdk/client-glue@latest" },
        );
      }
      try {
        const { $metadata: _, ...output } = (await client.send(
          new Command(withDates(input) as object),
        )) as unknown as Record<string, unknown>;
        return withSeconds(output) as Output;
      } catch (error) {
        throw failure(error);
      }
    },
    close: async () => {
      client.destroy();
    },
  };
  return new WireCatalog(address, wire);
}

async function loadSdk(): Promise<Sdk> {
  try {
    return await import("@aws-sdk/client-glue");
  } catch (cause) {
    throw new DynaframeError("OPTIONAL_DEPENDENCY", "catalogs at aws: need the package @aws-sdk/client-glue", {
      cause,
      hint: "npm install @aws-sdk/client-glue",
    });
  }
}

function parseAddress(address: string): { readonly region?: string; readonly endpoint?: string } {
  const [, region = "", query = ""] = /^aws:([a-z0-9-]*)(?:\?(.*))?$/i.exec(address) ?? [];
  const parameters = new URLSearchParams(query);
  const endpoint = parameters.get("endpoint");
  const isValid =
    /^aws:[a-z0-9-]*(\?.*)?$/i.test(address)
    && [...parameters.keys()].every((key) => key === "endpoint")
    && (endpoint === null || URL.canParse(endpoint));
  if (!isValid)
    throw new DynaframeError("BAD_ADDRESS", `${address} is no address of a Glue catalog`, {
      expected: "aws:, aws:<region> or aws:<region>?endpoint=<url>",
      found: address,
    });
  return { ...(region === "" ? {} : { region }), ...(endpoint === null ? {} : { endpoint }) };
}

function withDates(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withDates);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, member]) => [
      name,
      TIMES.has(name) && typeof member === "number" ? new Date(member * 1000) : withDates(member),
    ]),
  );
}

function withSeconds(value: unknown): unknown {
  if (value instanceof Date) return value.getTime() / 1000;
  if (Array.isArray(value)) return value.map(withSeconds);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([, member]) => member !== undefined)
      .map(([name, member]) => [name, withSeconds(member)]),
  );
}

function failure(error: unknown): unknown {
  if (error instanceof DynaframeError || !(error instanceof Error)) return error;
  // errors of the service have a fault; the others never reached it
  if ("$fault" in error) return remoteError(error.name, error.message);
  return new DynaframeError("CATALOG_UNREACHABLE", "the Glue endpoint cannot be reached", {
    cause: error,
    hint: "check region, credentials and network",
  });
}
