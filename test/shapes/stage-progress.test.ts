import { stageProgress, type StageProgress } from "../../src/shapes/stage-progress.js";

test("files count as done when the bytes fill them; more bytes than files have are not told", () => {
  const told: StageProgress[] = [];
  const files = [10, 0, 20, 5].map((size, i) => ({ path: `f${i}`, etag: "", size, modified: 0 }));
  const read = stageProgress(files, (progress) => {
    told.push(progress);
  });
  for (const count of [5, 5, 19, 1, 90]) read(count);
  expect(told.map(({ filesDone, bytesDone }) => [filesDone, bytesDone])).toEqual([
    [0, 5],
    [2, 10],
    [2, 29],
    [3, 30],
    [4, 35],
  ]);
  expect(told[0]).toMatchObject({ phase: "stage", files: 4, bytes: 35 });
});
