import path from "node:path";
import type { Reporter } from "../rpc/engine.ts";
import type {
  CheckRequest,
  CheckResult,
  CreateRequest,
  DiffRequest,
  DiffResult,
  Provider,
  ReadRequest,
  UpdateRequest,
} from "../rpc/provider.ts";
import type { PluginInfo } from "../rpc/provider-service.ts";
import { unsupported } from "../rpc/provider-service.ts";
import type { PropertyMap } from "../rpc/values.ts";
import { at, hasUnknown, isMap, Secret, textAt, Unknown, withoutSecrets } from "../rpc/values.ts";
import { differences } from "../rpc/difference.ts";
import { contextDigest } from "./build-context.ts";
import { DockerEngine } from "./docker-engine.ts";
import { provideImage } from "./image.ts";
import { isFullyQualified } from "./image-name.ts";
import type { ImageWish } from "./inputs.ts";
import { digestPath, parseInputs, withContextDigest } from "./inputs.ts";
import { askManifest } from "./registry.ts";

const imageType = "docker:index/image:Image";

/** Where the official plugin keeps a resource's inputs among its outputs. */
const inputsKey = "__inputs";

/** Container images as Pulumi resources (docker.Image), with the visible behaviour of the official plugin. */
export class DockerProvider implements Provider {
  readonly #info: PluginInfo;
  readonly #reporter: Reporter;
  readonly #cancellation = new AbortController();
  #engine: DockerEngine;

  constructor(info: PluginInfo, reporter: Reporter) {
    this.#info = info;
    this.#reporter = reporter;
    this.#engine = new DockerEngine(undefined, this.#cancellation.signal);
  }

  checkConfig({ news }: { news: PropertyMap }): Promise<CheckResult> {
    return Promise.resolve({ inputs: news, failures: [] });
  }

  diffConfig({ olds, news }: { olds: PropertyMap; news: PropertyMap }): Promise<DiffResult> {
    return Promise.resolve({
      changes: differences(olds, news, []),
      shownAgainst: "inputs",
      deleteBeforeReplace: false,
    });
  }

  configure(inputs: PropertyMap): Promise<void> {
    this.#engine = new DockerEngine(textAt(withoutSecrets(inputs), "host"), this.#cancellation.signal);
    return Promise.resolve();
  }

  async check(request: CheckRequest): Promise<CheckResult> {
    if (request.type !== imageType) {
      const reason = unsupported(this.#info, `the resource type ${request.type}`);
      return { inputs: request.news, failures: [{ reason }] };
    }
    const imageName = at(withoutSecrets(request.news), "imageName");
    if (typeof imageName === "string" && at(request.news, "skipPush") !== true && !isFullyQualified(imageName)) {
      const reason = `imageName is "${imageName}": an image that is pushed needs a name with its registry, such as localhost:5000/${imageName}`;
      return { inputs: request.news, failures: [{ property: "imageName", reason }] };
    }
    const { build } = parseInputs(request.news);
    if (
      hasUnknown(at(request.news, "build", "context") ?? "") ||
      hasUnknown(at(request.news, "build", "dockerfile") ?? "")
    ) {
      return { inputs: request.news, failures: [] };
    }
    const digest = await contextDigest(build.context, build.dockerfile);
    return { inputs: withContextDigest(request.news, digest), failures: [] };
  }

  diff(request: DiffRequest): Promise<DiffResult> {
    const changes = differences(comparable(oldInputs(request)), comparable(request.news), []);
    return Promise.resolve({ changes, shownAgainst: "inputs", deleteBeforeReplace: false });
  }

  async create(request: CreateRequest): Promise<{ id: string; outputs: PropertyMap }> {
    const outputs = await this.#provide(request.urn, request.inputs, request.preview);
    return { id: request.preview ? "" : (textAt(outputs, "imageName") ?? ""), outputs };
  }

  update(request: UpdateRequest): Promise<PropertyMap> {
    return this.#provide(request.urn, request.news, request.preview);
  }

  async read(request: ReadRequest): Promise<{ inputs: PropertyMap; outputs: PropertyMap } | undefined> {
    const reference = textAt(request.properties, "repoDigest");
    const unchanged = { inputs: request.inputs, outputs: request.properties };
    // An image that was never pushed is known by its ID alone.
    if (reference?.includes("@") !== true) {
      return unchanged;
    }
    const answer = await askManifest(reference, parseInputs(request.inputs).credentials);
    if (answer.kind === "unknown" || answer.kind === "refused") {
      this.#reporter.log("warning", request.urn, `${answer.why}: whether it still has ${reference} is not known`);
    }
    return answer.kind === "absent" ? undefined : unchanged;
  }

  /** Images are left where they are, as the official plugin does: others may run them. */
  delete(): Promise<void> {
    return Promise.resolve();
  }

  cancel(): void {
    this.#cancellation.abort(new Error("the operation was cancelled"));
  }

  async #provide(urn: string, inputs: PropertyMap, preview: boolean): Promise<PropertyMap> {
    const wish = hasUnknown(inputs) ? undefined : parseInputs(inputs);
    if (wish === undefined || (preview && !wish.buildOnPreview)) {
      return { ...inputs, repoDigest: new Unknown() };
    }
    const digest = textAt(inputs, ...digestPath) ?? (await contextDigest(wish.build.context, wish.build.dockerfile));
    const { reference } = await provideImage(this.#engine, wish, digest, (line) => this.#reporter.status(urn, line));
    this.#reporter.status(urn, "");
    return outputsOf(wish, inputs, reference);
  }
}

function outputsOf(wish: ImageWish, inputs: PropertyMap, repoDigest: string): PropertyMap {
  const { context, dockerfile, platform } = wish.build;
  return {
    baseImageName: wish.imageName,
    context,
    dockerfile: path.relative(context, dockerfile),
    imageName: wish.imageName,
    ...(platform === undefined ? {} : { platform }),
    registryServer: wish.credentials?.server ?? textAt(inputs, "registry", "server") ?? "",
    repoDigest,
    [inputsKey]: new Secret(inputs),
  };
}

function oldInputs(request: DiffRequest): PropertyMap {
  if (Object.keys(request.oldInputs).length > 0) {
    return request.oldInputs;
  }
  const kept = request.oldOutputs[inputsKey];
  const inputs = kept instanceof Secret ? kept.value : kept;
  return isMap(inputs) ? inputs : {};
}

/** New credentials are no reason to build again: they may change at every run. */
function comparable(given: PropertyMap): PropertyMap {
  const inputs = withoutSecrets(given);
  const registry = at(inputs, "registry");
  return isMap(registry) ? { ...inputs, registry: { server: registry["server"] ?? "" } } : inputs;
}
