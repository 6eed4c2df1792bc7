import { join, relative } from "node:path";
import { readFileSync } from "node:fs";
import ts from "typescript";

const root = join(__dirname, "..", "..");
const { program, exported } = publicSymbols();
const checker = program.getTypeChecker();

test("every export of the package says what it is", () => {
  expect(exported.length).toBeGreaterThan(250);
  expect(exported.filter((symbol) => docOf(symbol) === "").map(named)).toEqual([]);
});

test("every method of an exported class, and every option, says what it does", () => {
  const members = exported.flatMap((symbol) => membersToTell(symbol).map((member) => ({ symbol, member })));
  expect(members.length).toBeGreaterThan(300);
  expect(
    members.filter(({ member }) => docOf(member) === "").map(({ symbol, member }) => `${symbol.name}.${named(member)}`),
  ).toEqual([]);
});

test("a code that a docstring names is in docs/errors.md", () => {
  const documented = new Set(readFileSync(join(root, "docs/errors.md"), "utf8").match(/\b[A-Z][A-Z_0-9]{2,}\b/g));
  const told = exported.flatMap((symbol) =>
    [symbol, ...membersToTell(symbol)].flatMap((of) => thrownCodes(docOf(of)).map((code) => ({ of, code }))),
  );
  expect(told.length).toBeGreaterThan(40);
  expect(told.filter(({ code }) => !documented.has(code)).map(({ of, code }) => `${named(of)}: ${code}`)).toEqual([]);
});

test("a code that the body of an exported function or method throws is in its docstring", () => {
  const found = exported.flatMap((symbol) =>
    [symbol, ...(isClass(symbol) ? membersToTell(symbol) : [])].flatMap((of) =>
      thrownIn(of).map((code) => ({ of, code })),
    ),
  );
  expect(found.length).toBeGreaterThan(10);
  expect(
    found.filter(({ of, code }) => !docOf(of).includes(code)).map(({ of, code }) => `${named(of)}: ${code}`),
  ).toEqual([]);
});

function publicSymbols(): { readonly program: ts.Program; readonly exported: readonly ts.Symbol[] } {
  const { config } = ts.readConfigFile(join(root, "tsconfig.json"), ts.sys.readFile) as { config: unknown };
  const { options } = ts.parseJsonConfigFileContent(config, ts.sys, root);
  const entries = ["src/index.ts", "src/testing/index.ts"].map((file) => join(root, file));
  const built = ts.createProgram(entries, { ...options, noEmit: true });
  const types = built.getTypeChecker();
  const symbols = entries.flatMap((file) => {
    const module = types.getSymbolAtLocation(built.getSourceFile(file)!)!;
    return types
      .getExportsOfModule(module)
      .map((symbol) => (symbol.flags & ts.SymbolFlags.Alias ? types.getAliasedSymbol(symbol) : symbol));
  });
  return { program: built, exported: [...new Set(symbols)].filter(isOurs) };
}

/** Methods and properties of classes; options of a call. What Glue names itself, in capitals, its own page tells. */
function membersToTell(symbol: ts.Symbol): readonly ts.Symbol[] {
  if (!isClass(symbol) && !/(Options|Settings|Request|Spec|Args)$/.test(symbol.name)) return [];
  const type = checker.getDeclaredTypeOfSymbol(symbol);
  const statics = isClass(symbol)
    ? checker.getPropertiesOfType(checker.getTypeOfSymbol(symbol)).filter(({ name }) => name !== "prototype")
    : [];
  return [...type.getProperties(), ...statics].filter(
    (member) => isOurs(member) && !isHidden(member) && !/^[A-Z]/.test(member.name),
  );
}

function isClass(symbol: ts.Symbol): boolean {
  return (symbol.flags & ts.SymbolFlags.Class) !== 0;
}

function isOurs(symbol: ts.Symbol): boolean {
  return (symbol.declarations ?? []).some((declaration) =>
    declaration.getSourceFile().fileName.startsWith(join(root, "src")),
  );
}

/** Private, or marked as internal, or handed to a constructor that is. */
function isHidden(symbol: ts.Symbol): boolean {
  return (
    symbol.name.startsWith("#")
    || (symbol.declarations ?? []).some(
      (declaration) =>
        (ts.getCombinedModifierFlags(declaration) & ts.ModifierFlags.Private) !== 0
        || [declaration, declaration.parent].some((node) =>
          ts.getJSDocTags(node).some((tag) => tag.tagName.text === "internal"),
        ),
    )
  );
}

function docOf(symbol: ts.Symbol): string {
  const tags = symbol.getJsDocTags(checker).map((tag) => `@${tag.name} ${ts.displayPartsToString(tag.text)}`);
  return [ts.displayPartsToString(symbol.getDocumentationComment(checker)), ...tags].join("\n").trim();
}

/** The codes after `@throws`, on all of its lines. */
function thrownCodes(doc: string): readonly string[] {
  return [...doc.matchAll(/@throws ([^]*?)(?=\n@|$)/g)].flatMap(
    ([, text = ""]) => text.match(/\b[A-Z][A-Z0-9]*_[A-Z0-9_]+\b/g) ?? [],
  );
}

/** The codes of errors that are made in the body, and in functions of its file that it calls. */
function thrownIn(symbol: ts.Symbol): readonly string[] {
  const codes = new Set<string>();
  const seen = new Set<ts.Node>();
  const visit = (node: ts.Node): void => {
    if (ts.isNewExpression(node) && node.expression.getText() === "DynaframeError") {
      const [code] = node.arguments ?? [];
      if (code !== undefined && ts.isStringLiteral(code)) codes.add(code.text);
    }
    if (ts.isCallExpression(node)) {
      for (const declaration of checker.getSymbolAtLocation(node.expression)?.declarations ?? []) {
        if (declaration.getSourceFile() === node.getSourceFile()) enter(declaration);
      }
    }
    ts.forEachChild(node, visit);
  };
  const enter = (declaration: ts.Node): void => {
    if (seen.has(declaration)) return;
    seen.add(declaration);
    visit(declaration);
  };
  for (const declaration of symbol.declarations ?? []) if (!ts.isClassDeclaration(declaration)) enter(declaration);
  return [...codes];
}

function named(symbol: ts.Symbol): string {
  const declaration = symbol.declarations?.[0];
  return declaration === undefined
    ? symbol.name
    : `${symbol.name} (${relative(root, declaration.getSourceFile().fileName)})`;
}
