/** Looks for a name in the package as it is: an export, a method, an option that a call takes. */
import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as api from "../api.js";
import type { OptionCall, OptionValues, Probe } from "./entry.js";
import { OPTION_CALLS, type Ground } from "./option-calls.js";

const MISSPELT = "noSuchOption";

export class Prober implements Ground {
  private writes = 0;
  private constructor(
    readonly folder: string,
    readonly glue: api.GlueContext,
  ) {}

  static async open(): Promise<Prober> {
    const folder = await mkdtemp(join(tmpdir(), "dynaframe-compatibility-"));
    const glue = await api.GlueContext.open({ catalog: join(folder, "catalog"), onWarning: () => undefined });
    await glue.catalog.createDatabase({ Name: "probe" });
    await mkdir(join(folder, "data"));
    // a table of files, a database, and a connection to it by name
    await glue.writeDynamicFrame.fromOptions({
      frame: glue.createDynamicFrame.fromRows([{ id: 1, p: "a" }]),
      connectionType: "file",
      connectionOptions: {
        path: join(folder, "written"),
        partitionKeys: ["p"],
        enableUpdateCatalog: true,
        catalogDatabase: "probe",
        catalogTableName: "written",
      },
      format: "json",
    });
    const url = `jdbc:sqlite:${join(folder, "probe.db")}`;
    await glue.writeDynamicFrame.fromOptions({
      frame: glue.createDynamicFrame.fromRows([{ id: 1 }]),
      connectionType: "sqlite",
      connectionOptions: { url, dbtable: "t" },
    });
    await glue.catalog.createConnection({
      Name: "kept",
      ConnectionType: "JDBC",
      ConnectionProperties: { JDBC_CONNECTION_URL: url },
    });
    return new Prober(folder, glue);
  }

  async close(): Promise<void> {
    try {
      await this.glue.close();
    } finally {
      await rm(this.folder, { recursive: true, force: true });
    }
  }

  async isThere(probe: Probe): Promise<boolean> {
    switch (probe.kind) {
      case "export":
        return Object.hasOwn(api, probe.name);
      case "method": {
        const type = api[probe.of] as unknown as { readonly prototype: object };
        return typeof Reflect.get(probe.isStatic === true ? type : type.prototype, probe.name) === "function";
      }
      case "member":
        return typeof memberOf(this.holder(probe.of), probe.path) === "function";
      // a value of undefined: the call gives one of its own, which the folder or the frame is part of
      case "option":
        return this.takes(
          probe.call,
          { ...probe.beside, ...(probe.value === undefined ? {} : { [probe.name]: probe.value }) },
          probe.name,
        );
      case "transform":
        return Object.hasOwn(api, probe.name) && api.getTransform(probe.name) !== undefined;
    }
  }

  /** The names that a call knows: it lists them when it refuses one. */
  async knownOptions(call: OptionCall): Promise<readonly string[]> {
    try {
      await OPTION_CALLS[call](this, { [MISSPELT]: 1 });
    } catch (error) {
      if (
        error instanceof api.DynaframeError
        && error.code === "BAD_OPTION"
        && error.path === MISSPELT
        && error.expected !== undefined
      )
        return error.expected.split(", ");
      throw error;
    }
    throw new Error(`an option that does not exist was taken by ${call}`);
  }

  /** The call must take the options, and must refuse one that does not exist: else taking them would say nothing. */
  private async takes(call: OptionCall, options: OptionValues, name: string): Promise<boolean> {
    const known = await this.knownOptions(call);
    return known.includes(name) && accepted(() => OPTION_CALLS[call](this, options));
  }

  readonly next = (): number => ++this.writes;

  private holder(of: "glue" | "source" | "sink"): object {
    const path = join(this.folder, "data");
    switch (of) {
      case "glue":
        return this.glue;
      case "source":
        return this.glue.getSource("file", { path });
      case "sink":
        return this.glue.getSink("file", { path });
    }
  }
}

/** Refused means refused as an option or a format that is not known; any other failure is one of this program. */
async function accepted(call: () => unknown): Promise<boolean> {
  try {
    await call();
    return true;
  } catch (error) {
    if (
      error instanceof api.DynaframeError
      && ["BAD_OPTION", "UNSUPPORTED_OPTION", "UNSUPPORTED_FORMAT", "UNSUPPORTED"].includes(error.code)
    )
      return false;
    throw error;
  }
}

const memberOf = (holder: object, path: string): unknown =>
  path
    .split(".")
    .reduce<unknown>(
      (value, name) =>
        typeof value === "object" && value !== null ? (Reflect.get(value, name) as unknown) : undefined,
      holder,
    );
