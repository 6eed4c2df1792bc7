import type { FileRef } from "../storage/index.js";

export type StageProgress = {
  readonly phase: "stage";
  readonly filesDone: number;
  readonly files: number;
  readonly bytesDone: number;
  readonly bytes: number;
};

/** Told of stored bytes as they are read; a file counts as done when the bytes fill it and those before it. */
export function stageProgress(
  files: readonly FileRef[],
  onProgress: ((progress: StageProgress) => void) | undefined,
): (count: number) => void {
  const bytes = files.reduce((sum, file) => sum + file.size, 0);
  let filesDone = 0;
  let filled = 0;
  let bytesDone = 0;
  return (count) => {
    bytesDone = Math.min(bytesDone + count, bytes);
    for (let next = files[filesDone]; next !== undefined && filled + next.size <= bytesDone; next = files[filesDone]) {
      filled += next.size;
      filesDone += 1;
    }
    onProgress?.({ phase: "stage", filesDone, files: files.length, bytesDone, bytes });
  };
}
