import tseslint from "typescript-eslint";

const moduleLevel = (kind) =>
  `Program > VariableDeclaration[kind='${kind}'], Program > ExportNamedDeclaration > VariableDeclaration[kind='${kind}']`;
const notAtImport = [
  {
    selector: "Literal[regex.pattern=/\\\\p\\{/]",
    message:
      "Checked when the file is loaded, at millions of instructions: isWellFormed, or new RegExp where it is used (decision 0192).",
  },
];
const everywhere = [
  { selector: "ExportDefaultDeclaration", message: "Named exports only." },
  {
    selector: moduleLevel("let"),
    message: "No module state: pass it in, or keep it in an object that someone opens and closes.",
  },
  { selector: moduleLevel("var"), message: "No module state." },
  { selector: "MetaProperty[meta.name='import']", message: "import.meta does not exist in the CommonJS build." },
  ...notAtImport,
];
const engineFree = [
  {
    selector: "Literal[value=/^(duckdb|spark)$/i]",
    message: "No engine name above src/engine: declare a capability instead.",
  },
  {
    selector:
      "Literal[value=/^\\s*(select|with|copy|create|insert)\\s/i], TemplateElement[value.raw=/^\\s*(select|with|copy|create|insert)\\s/i]",
    message: "No SQL text here: lower to IR.",
  },
];

export default tseslint.config(
  {
    ignores: [
      "dist/",
      "node_modules/",
      ".cache/",
      "coverage/",
      "out/",
      "bench/data/",
      "bench/out/",
      "docs/",
      "src/shapes/wasm/",
      "src/**/generated/",
    ],
  },
  {
    files: ["src/**/*.ts", "test/**/*.ts", "conformance/**/*.ts"],
    plugins: { "@typescript-eslint": tseslint.plugin },
    languageOptions: {
      parser: tseslint.parser,
      parserOptions: { project: "./tsconfig.json", tsconfigRootDir: import.meta.dirname },
    },
    linterOptions: { reportUnusedDisableDirectives: "error" },
    rules: {
      "@typescript-eslint/no-explicit-any": "error",
      "@typescript-eslint/no-non-null-assertion": "error",
      "@typescript-eslint/ban-ts-comment": "error",
      "@typescript-eslint/switch-exhaustiveness-check": [
        "error",
        { considerDefaultExhaustiveForUnions: true, requireDefaultForNonUnion: false },
      ],
      "@typescript-eslint/consistent-type-imports": [
        "error",
        { fixStyle: "inline-type-imports", disallowTypeAnnotations: false },
      ],
      "@typescript-eslint/no-floating-promises": [
        "error",
        { allowForKnownSafeCalls: [{ from: "package", package: "node:test", name: "test" }] },
      ],
      "@typescript-eslint/no-misused-promises": ["error", { checksVoidReturn: { arguments: false } }],
      "@typescript-eslint/await-thenable": "error",
      "@typescript-eslint/no-unused-vars": [
        "error",
        { argsIgnorePattern: "^_", varsIgnorePattern: "^_", ignoreRestSiblings: true },
      ],
      "no-restricted-syntax": ["error", ...everywhere],
      "no-constant-binary-expression": "error",
      "one-var": ["error", "never"],
      "no-fallthrough": "error",
      "no-self-compare": "error",
      "no-unsafe-finally": "error",
      "no-unused-private-class-members": "error",
      "no-useless-catch": "error",
      "no-var": "error",
      "prefer-const": "error",
      eqeqeq: "error",
      "no-eval": "error",
    },
  },
  {
    files: ["test/**/*.ts"],
    rules: { "no-restricted-syntax": ["error", everywhere[0]], "@typescript-eslint/no-non-null-assertion": "off" },
  }, // a test may fail loudly; what beforeEach fills may be module state
  {
    files: ["src/dynamicframe/verbs/**/*.ts", "src/plan/**/*.ts"],
    rules: { "no-restricted-syntax": ["error", ...everywhere, ...engineFree] },
  },
  {
    files: ["src/cli/print/**/*.ts"],
    rules: { "no-restricted-syntax": ["error", ...everywhere.filter((rule) => !notAtImport.includes(rule))] },
  },
  { files: ["src/**/*.ts"], ignores: ["src/cli/**"], rules: { "no-console": "error" } },
  {
    files: ["scripts/**/*.mjs", "bench/**/*.mjs", "examples/**/*.mjs"],
    rules: {
      "no-unused-vars": "error",
      "one-var": ["error", "never"],
      "prefer-const": "error",
      "no-var": "error",
      eqeqeq: "error",
    },
  },
);
