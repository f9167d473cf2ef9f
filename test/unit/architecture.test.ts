import assert from "node:assert/strict";
import { globSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import path from "node:path";
import ts from "typescript";

/** Which other top-level folders the code of each may import; test/ may import all. */
const mayImport: Readonly<Record<string, readonly string[]>> = {
  "index.ts": ["components", "desk"],
  components: [],
  member: [],
  workload: [],
  desk: [],
  // What a drill against a known-bad etcd brings up is a stack of its own, on the local cluster.
  drill: ["components", "desk", "local", "workload"],
  manifests: ["components", "local"],
  antithesis: ["components", "local", "manifests"],
  local: ["desk"],
  bench: ["desk", "drill", "local", "test", "workload"],
};

/** The folders whose program is one plain file in an image, with Node's standard library and nothing else. */
const standardLibraryOnly = ["member"];

const sources = globSync(["index.ts", ...Object.keys(mayImport).map((folder) => `${folder}/**/*.ts`)]).sort();

function topLevel(file: string): string {
  return file.split(path.sep)[0] ?? file;
}

function text(file: string): string {
  return readFileSync(file, "utf8");
}

/** Everything a file imports, types and dynamic imports included. */
function imports(file: string): string[] {
  return ts.preProcessFile(text(file)).importedFiles.map(({ fileName }) => fileName);
}

/** What a file imports as it is loaded: neither types alone nor what is imported later. */
function importedAtOnce(file: string): string[] {
  return parse(file).statements.flatMap((statement) => {
    if (!ts.isImportDeclaration(statement) && !ts.isExportDeclaration(statement)) return [];
    const typesOnly = ts.isImportDeclaration(statement)
      ? statement.importClause?.phaseModifier === ts.SyntaxKind.TypeKeyword
      : statement.isTypeOnly;
    const { moduleSpecifier } = statement;
    return !typesOnly && moduleSpecifier !== undefined && ts.isStringLiteral(moduleSpecifier)
      ? [moduleSpecifier.text]
      : [];
  });
}

function parse(file: string): ts.SourceFile {
  return ts.createSourceFile(file, text(file), ts.ScriptTarget.ESNext, true);
}

/** Every node below another, itself included. */
function* nodes(node: ts.Node): Generator<ts.Node> {
  yield node;
  for (const child of node.getChildren()) yield* nodes(child);
}

/** What breaks a rule, as "file: what". */
function offences(rule: (node: ts.Node) => string | undefined, files: readonly string[]): string[] {
  return files.flatMap((file) =>
    [...nodes(parse(file))].flatMap((node) => {
      const what = rule(node);
      return what === undefined ? [] : [`${file}: ${what}`];
    }),
  );
}

const componentFiles = sources.filter((file) => topLevel(file) === "components");

function componentClasses(): { file: string; declaration: ts.ClassDeclaration; name: string }[] {
  return componentFiles.flatMap((file) =>
    [...nodes(parse(file))]
      .filter((node) => ts.isClassDeclaration(node))
      .filter(({ heritageClauses }) =>
        heritageClauses?.some((clause) => /\bComponentResource\b/.test(clause.getText())),
      )
      .map((declaration) => ({ file, declaration, name: declaration.name?.text ?? "" })),
  );
}

describe("the architecture", () => {
  it("lets each folder import only what it may", () => {
    const wrong = sources.flatMap((file) => {
      const own = topLevel(file);
      return imports(file)
        .filter((name) => name.startsWith("."))
        .map((name) => topLevel(path.join(path.dirname(file), name)))
        .filter((target) => target !== own && !(mayImport[own] ?? []).includes(target))
        .map((target) => `${file} imports ${target}`);
    });
    assert.deepEqual(wrong, []);
  });

  it("has every folder of the table that exists in view: a table of nothing would prove nothing", () => {
    for (const folder of ["index.ts", "components", "member", "workload", "local"]) {
      assert.ok(
        sources.some((file) => topLevel(file) === folder),
        folder,
      );
    }
  });

  it("keeps the member program to Node's standard library", () => {
    const wrong = sources
      .filter((file) => standardLibraryOnly.includes(topLevel(file)))
      .flatMap((file) => imports(file).map((name) => ({ file, name })))
      .filter(({ name }) => !name.startsWith("node:") && !name.startsWith("."))
      .map(({ file, name }) => `${file} imports ${name}`);
    assert.deepEqual(wrong, []);
  });

  it("makes `npm run up` load no library before the engine starts that only making something needs", () => {
    const loaded = new Set<string>();
    const packages = new Set<string>();
    const load = (file: string): void => {
      if (loaded.has(file)) return;
      loaded.add(file);
      for (const name of importedAtOnce(file)) {
        if (name.startsWith(".")) load(path.join(path.dirname(file), name));
        else if (!name.startsWith("node:")) packages.add(name);
      }
    };
    ["local/run.ts", "local/machine.ts"].forEach(load);
    assert.deepEqual([...packages].sort(), ["commander", "listr2", "proper-lockfile", "yaml"]);
  });

  it("loads each kind of Kubernetes object by its own module, and keeps the compiled code of every command", () => {
    const wrong = ["index.ts", ...componentFiles].filter((file) => importedAtOnce(file).includes("@pulumi/kubernetes"));
    assert.deepEqual(wrong, [], "the package's index loads a hundred modules more");
    const { scripts } = JSON.parse(text("package.json")) as { scripts: Record<string, string> };
    const commands = Object.entries(scripts).filter(
      ([name, line]) => line.startsWith("node ") && !/^(bench|simulate|test)/.test(name),
    );
    assert.equal(commands.length, 14);
    for (const [name, line] of commands)
      assert.match(line, /^node --import \.\/local\/compile-cache\.js \S+\.ts/, name);
  });

  it("serializes no function: the SDK needs npm's own tree of packages for that alone, and package.json leaves it out", () => {
    const wrong = offences(
      (node) => (ts.isIdentifier(node) && /^(dynamic|serializeFunction)$/.test(node.text) ? node.getText() : undefined),
      ["index.ts", ...componentFiles],
    );
    assert.deepEqual(wrong, []);
    const sdk = createRequire(createRequire(import.meta.url).resolve("@pulumi/pulumi"));
    assert.ok(!("Arborist" in (sdk("@npmcli/arborist") as object)));
  });

  it("reads Pulumi's configuration in index.ts and nowhere else", () => {
    const wrong = offences(
      (node) =>
        (ts.isIdentifier(node) && /^(Config|allConfig|getConfig)$/.test(node.text)) ||
        (ts.isStringLiteral(node) && node.text === "PULUMI_CONFIG")
          ? node.getText()
          : undefined,
      componentFiles,
    );
    assert.deepEqual(wrong, []);
    assert.match(text("index.ts"), /\ballConfig\(\)/);
  });

  it("creates no resource inside an apply, where no preview would show it", () => {
    const wrong = offences(
      (node) =>
        ts.isCallExpression(node) &&
        ts.isPropertyAccessExpression(node.expression) &&
        node.expression.name.text === "apply" &&
        node.arguments.some((argument) => [...nodes(argument)].some((inner) => ts.isNewExpression(inner)))
          ? node.getText()
          : undefined,
      ["index.ts", ...componentFiles],
    );
    assert.deepEqual(wrong, []);
  });

  it("has three components, each in the file of its name and with the type etcd:index:<its name>", () => {
    const components = componentClasses();
    assert.deepEqual(components.map(({ name }) => name).sort(), ["ContainerImage", "EtcdClients", "EtcdCluster"]);
    for (const { file, name, declaration } of components) {
      assert.equal(file, path.join("components", `${name}.ts`));
      assert.ok(declaration.getText().includes(`super("etcd:index:${name}", `), `${name}: type token`);
    }
  });

  it("registers each component's outputs as the last thing its constructor does: later, the engine has none", () => {
    for (const { name, declaration } of componentClasses()) {
      const constructor = declaration.members.find((member) => ts.isConstructorDeclaration(member));
      assert.match(constructor?.body?.statements.at(-1)?.getText() ?? "", /^this\.registerOutputs\(\{/, name);
    }
  });
});
