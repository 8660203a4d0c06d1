import { defineConfig, globalIgnores } from "eslint/config";
import { configs } from "typescript-eslint";

// Folders, and files, whose loops over typed arrays run hot: `array[at]!` instead of a check that cannot fail.
const hot = [
  ...["value", "engine", "provenance", "codegen", "io"].map((folder) => `src/${folder}/**`),
  ...[
    ...["columns", "direct-transaction", "in-place", "keyed-rows", "listed-transaction"],
    ...["lock-table", "shared-rows"],
  ].map((file) => `src/calvin/${file}.ts`),
];
const drivers = ["runtime", "client", "server", "repl", "lsp", "cli"].map(
  (folder) => `src/${folder}/**`,
);

export default defineConfig(
  globalIgnores(["dist/", "coverage/", "grammar/", "site/"]),
  {
    files: ["{src,test,bench,scripts}/**/*.ts", "playground/**/*.{ts,tsx}"],
    extends: [configs.strictTypeChecked],
    languageOptions: {
      parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname },
    },
    linterOptions: { reportUnusedDisableDirectives: "error" },
    rules: {
      eqeqeq: "error",
      "no-restricted-exports": ["error", { restrictDefaultExports: { direct: true, named: true } }],
      "object-shorthand": "error",
      "prefer-const": "error",
      "@typescript-eslint/consistent-type-imports": "error",
      "@typescript-eslint/no-confusing-void-expression": ["error", { ignoreArrowShorthand: true }],
      "@typescript-eslint/no-unnecessary-condition": [
        "error",
        { allowConstantLoopConditions: "only-allowed-literals" },
      ],
      "@typescript-eslint/no-unused-vars": [
        "error",
        { argsIgnorePattern: "^_", varsIgnorePattern: "^_" },
      ],
      "@typescript-eslint/restrict-template-expressions": ["error", { allowNumber: true }],
      "@typescript-eslint/switch-exhaustiveness-check": "error",
    },
  },
  {
    files: ["src/**/*.ts"],
    ignores: drivers,
    rules: {
      // The whole list is in test/architecture/purity.test.ts; these are the ones typed by habit.
      "no-restricted-globals": ["error", "console", "process", "Date", "setTimeout", "Buffer"],
      "no-restricted-properties": ["error", { object: "Math", property: "random" }],
    },
  },
  {
    files: ["src/**/*.ts"],
    rules: {
      "no-restricted-syntax": [
        "error",
        {
          selector: "ImportDeclaration[source.value='zod'] > ImportSpecifier[imported.name='z']",
          message: 'Import the namespace: what is not used of "z" gets into the command\'s bundle.',
        },
      ],
    },
  },
  { files: hot, rules: { "@typescript-eslint/no-non-null-assertion": "off" } },
  { files: ["src/codegen/link.ts"], rules: { "@typescript-eslint/no-implied-eval": "off" } },
  {
    files: ["test/**/*.ts", "scripts/**/*.ts"],
    rules: {
      "@typescript-eslint/no-non-null-assertion": "off",
      "@typescript-eslint/no-unused-expressions": "off",
    },
  },
);
