/** Small JSON files below one folder of a storage, each written whole or not at all. */
import type { Storage } from "../../storage/index.js";
import { DynaframeError } from "../../types/error.js";

export class JsonFiles {
  constructor(
    readonly storage: Storage,
    readonly folder: string,
  ) {}

  async read<T>(name: string): Promise<T | undefined> {
    const path = `${this.folder}/${name}`;
    const ref = await this.storage.stat(path);
    if (ref === undefined) return undefined;
    const reader = await this.storage.open(path);
    try {
      const bytes = new Uint8Array(reader.ref.size);
      for (let at = 0; at < bytes.length;) {
        const count = await reader.read(bytes.subarray(at), at);
        if (count === 0) throw damaged(path);
        at += count;
      }
      return JSON.parse(Buffer.from(bytes).toString("utf8")) as T;
    } catch (error) {
      throw error instanceof SyntaxError ? damaged(path, error) : error;
    } finally {
      await reader.close();
    }
  }

  async require<T>(name: string): Promise<T> {
    const found = await this.read<T>(name);
    if (found === undefined) throw damaged(`${this.folder}/${name}`);
    return found;
  }

  /** Whole or not at all. */
  async write(name: string, value: unknown, ifAbsent = false): Promise<void> {
    const writer = await this.storage.create(`${this.folder}/${name}`);
    try {
      await writer.write(Buffer.from(JSON.stringify(value)));
      await writer.commit({ ifAbsent });
    } catch (error) {
      await writer.abort();
      throw error;
    }
  }

  async make<T>(name: string, value: T, taken: () => Error): Promise<T> {
    await this.write(name, value, true).catch((error: unknown) => {
      throw error instanceof DynaframeError && error.code === "TARGET_EXISTS" ? taken() : error;
    });
    return value;
  }

  remove(name: string): Promise<void> {
    return this.storage.remove(`${this.folder}/${name}`);
  }

  /** Removes what a killed process had begun to write; only where no other process can be writing. */
  async removeUnfinished(folder: string): Promise<void> {
    for (const name of await this.list(folder)) if (/^\..*\.tmp$/.test(name)) await this.remove(`${folder}/${name}`);
  }

  /** Names of the files of a folder, in order; none where there is no folder. */
  async list(folder: string): Promise<readonly string[]> {
    const names: string[] = [];
    try {
      for await (const { path } of this.storage.list(`${this.folder}/${folder}`))
        names.push(path.slice(path.lastIndexOf("/") + 1));
    } catch (error) {
      if (!(error instanceof DynaframeError && error.code === "PATH_NOT_FOUND")) throw error;
    }
    return names;
  }
}

const damaged = (file: string, cause?: unknown): DynaframeError =>
  new DynaframeError("CHECKPOINT_DAMAGED", `The checkpoint cannot be read: ${file}`, {
    file,
    cause,
    hint: "Restore it, or begin with a new checkpointLocation, which reads all there is.",
  });
