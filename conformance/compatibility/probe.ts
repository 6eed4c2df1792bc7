/** Looks for a name in the package as it is: an export, a method, an option that a call takes. */
import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as api from "../api.js";
import type { Probe } from "./entry.js";

const MISSPELT = "noSuchOption";

export class Prober {
  private writes = 0;
  private constructor(private readonly folder: string, private readonly glue: api.GlueContext) {}

  static async open(): Promise<Prober> {
    const folder = await mkdtemp(join(tmpdir(), "dynaframe-compatibility-"));
    const glue = await api.GlueContext.open({ catalog: join(folder, "catalog"), onWarning: () => undefined });
    await glue.catalog.createDatabase({ Name: "probe" });
    await mkdir(join(folder, "data"));
    return new Prober(folder, glue);
  }

  async close(): Promise<void> {
    try { await this.glue.close(); } finally { await rm(this.folder, { recursive: true, force: true }); }
  }

  async isThere(probe: Probe): Promise<boolean> {
    switch (probe.kind) {
      case "export": return Object.hasOwn(api, probe.name);
      case "method": {
        const type = api[probe.of] as unknown as { readonly prototype: object };
        return typeof Reflect.get(probe.isStatic === true ? type : type.prototype, probe.name) === "function";
      }
      case "member": return typeof memberOf(this.holder(probe.of), probe.path) === "function";
      case "source-option": return this.takes((name) => { this.read(probe.from, { [name]: probe.value }); }, probe.name);
      case "read-option": return this.takes((name) => { this.readAs(probe.format, name === MISSPELT ? { ...probe.options, [MISSPELT]: 1 } : probe.options); }, "");
      case "sink-option": return this.takes((name) => this.write({ format: "json", connectionOptions: name === MISSPELT ? { [MISSPELT]: 1 } : probe.options }), probe.name);
      case "write-option": return this.takes((name) => this.write({ format: probe.format, connectionOptions: {}, formatOptions: name === MISSPELT ? { ...probe.options, [MISSPELT]: 1 } : probe.options }), "");
    }
  }

  /** The call must take the name, and must refuse one that does not exist: else taking it would say nothing. */
  private async takes(call: (name: string) => unknown, name: string): Promise<boolean> {
    if (await accepted(() => call(MISSPELT))) throw new Error(`an option that does not exist was taken where ${name} was tried`);
    return accepted(() => call(name));
  }

  private holder(of: "glue" | "source" | "sink"): object {
    const path = join(this.folder, "data");
    switch (of) {
      case "glue": return this.glue;
      case "source": return this.glue.getSource("file", { path });
      case "sink": return this.glue.getSink("file", { path });
    }
  }

  private read(from: "fromOptions" | "fromCatalog", options: object): void {
    if (from === "fromCatalog") this.glue.createDynamicFrame.fromCatalog({ database: "probe", tableName: "t", additionalOptions: options });
    else this.glue.createDynamicFrame.fromOptions({ connectionType: "file", connectionOptions: { path: join(this.folder, "data"), ...options }, format: "json" });
  }

  private readAs(format: string, formatOptions: object): void {
    this.glue.createDynamicFrame.fromOptions({ connectionType: "file", connectionOptions: { path: join(this.folder, "data") }, format: format as "json", formatOptions: { ...formatOptions } });
  }

  private async write({ format, connectionOptions, formatOptions = {} }: { readonly format: string; readonly connectionOptions: object; readonly formatOptions?: object }): Promise<void> {
    const frame = this.glue.createDynamicFrame.fromRows([{ id: 1, p: "a" }]);
    const path = join(this.folder, `out-${++this.writes}`);
    await this.glue.writeDynamicFrame.fromOptions({ frame, connectionType: "file", connectionOptions: { path, ...connectionOptions }, format: format as "json", formatOptions: { ...formatOptions } });
  }
}

/** Refused means refused as an option or a format that is not known; any other failure is one of this program. */
async function accepted(call: () => unknown): Promise<boolean> {
  try {
    await call();
    return true;
  } catch (error) {
    if (error instanceof api.DynaframeError && ["BAD_OPTION", "UNSUPPORTED_OPTION", "UNSUPPORTED_FORMAT", "UNSUPPORTED"].includes(error.code)) return false;
    throw error;
  }
}

const memberOf = (holder: object, path: string): unknown =>
  path.split(".").reduce<unknown>((value, name) => (typeof value === "object" && value !== null ? Reflect.get(value, name) as unknown : undefined), holder);
