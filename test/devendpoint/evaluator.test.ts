import { createEvaluator } from "../../src/devendpoint/evaluator.js";

test("names stay, await works at the top, what is printed and thrown is told, and nothing thrown late ends the session", async () => {
  const evaluator = createEvaluator({ glue: { answer: 41 } });
  try {
    expect(await evaluator.evaluate("const x = await Promise.resolve(glue.answer); x + 1")).toEqual({ output: "42\n" });
    expect(await evaluator.evaluate("console.log('x is', x); undefined")).toEqual({ output: "x is 41\n" });
    const thrown = await evaluator.evaluate("function bad() { throw new RangeError('too far'); }\nbad()");
    expect(thrown.error).toMatchObject({ name: "RangeError", message: "too far" });
    expect(thrown.error?.stack[0]).toMatch(/^at bad \(session:1:\d+\)$/);
    expect(thrown.output).toMatch(/^Uncaught RangeError: too far\n/);
    const broken = await evaluator.evaluate("function ( {");
    expect([broken.error?.name, broken.output.startsWith("Uncaught SyntaxError: ")]).toEqual(["SyntaxError", true]);
    expect((await evaluator.evaluate("await Promise.reject(new TypeError('late'))")).error).toMatchObject({
      name: "TypeError",
      message: "late",
    });
    await evaluator.evaluate(
      "setTimeout(() => { throw new Error('from a timer'); }, 1); Promise.reject(new Error('for nobody')); undefined",
    );
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(await evaluator.evaluate("x")).toEqual({ output: "41\n" });
  } finally {
    evaluator.close();
  }
});

test("evaluations wait for each other, and a loop that prints is cut off by count", async () => {
  const evaluator = createEvaluator({});
  try {
    const [first, second] = await Promise.all([
      evaluator.evaluate("await new Promise((r) => setTimeout(r, 20)); globalThis.n = 1; n"),
      evaluator.evaluate("n + 1"),
    ]);
    expect([first.output, second.output]).toEqual(["1\n", "2\n"]);
    const { output } = await evaluator.evaluate(
      "const line = 'x'.repeat(1 << 20); for (let i = 0; i < 30; i++) console.log(line)",
    );
    expect(output.length).toBeLessThan(18 << 20);
    expect(output).toMatch(/more was printed than the 16 MB that are kept\n$/);
  } finally {
    evaluator.close();
  }
});

test("TypeScript: types go, names stay, generic calls are calls, and JavaScript is left alone", async () => {
  const evaluator = createEvaluator({ answer: 41 });
  try {
    expect(
      await evaluator.evaluate(
        "interface Order { id: number }\nconst order: Order = { id: await Promise.resolve(answer as number) };\norder.id",
      ),
    ).toEqual({ output: "41\n" });
    expect(
      await evaluator.evaluate(
        "function first<T>(list: readonly T[]): T | undefined { return list[0]; }\nfirst<number>([order!.id + 1])",
      ),
    ).toEqual({ output: "42\n" });
    expect(await evaluator.evaluate("enum Color { Red = 7 }\nColor.Red")).toEqual({ output: "7\n" });
    expect(await evaluator.evaluate("order.id < 50 && order.id > (3)")).toEqual({ output: "true\n" });
    expect(await evaluator.evaluate("const a = <number>order.id; a", undefined, true)).toEqual({ output: "41\n" });
    const wrong = await evaluator.evaluate("const x: = 1");
    expect(wrong.error?.name).toBe("SyntaxError");
    expect((await evaluator.evaluate("const cut: number[] = [1,")).error?.name).toBe("SyntaxError");
    expect(
      (await evaluator.evaluate("function bad(n: number): never { throw new RangeError(String(n)); }\nbad(3)")).error,
    ).toMatchObject({ name: "RangeError", message: "3" });
  } finally {
    evaluator.close();
  }
});
