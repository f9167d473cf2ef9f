import type { PropertyMap } from "./values.ts";

/** A reason the inputs of a resource are not acceptable; `property` names the one at fault, when it is one. */
export interface CheckFailure {
  property?: string;
  reason: string;
}

export interface CheckResult {
  inputs: PropertyMap;
  failures: readonly CheckFailure[];
}

export interface ResourceRequest {
  urn: string;
  /** The resource's type token, such as `kubernetes:core/v1:ConfigMap`. */
  type: string;
  /** The resource's name in the program. */
  name: string;
}

export interface CheckRequest extends ResourceRequest {
  olds: PropertyMap;
  news: PropertyMap;
  randomSeed: Uint8Array;
  /** What the engine's own naming rules say about a resource that has no name of its own. */
  autonaming: { proposedName: string; mode: "propose" | "enforce" | "disable" } | undefined;
}

export type ChangeKind = "add" | "delete" | "update";

/** One changed property. `replace`: it can't be changed in place. */
export interface PropertyChange {
  kind: ChangeKind;
  replace: boolean;
}

export interface DiffRequest extends ResourceRequest {
  id: string;
  oldInputs: PropertyMap;
  oldOutputs: PropertyMap;
  news: PropertyMap;
  ignoreChanges: readonly string[];
}

export interface DiffResult {
  /** By property path, such as `spec.template.spec.containers[0].image`. */
  changes: ReadonlyMap<string, PropertyChange>;
  /** What a changed property is shown against: what it was among the old inputs, or what it is in the old outputs. */
  shownAgainst: "inputs" | "outputs";
  deleteBeforeReplace: boolean;
}

export interface CreateRequest extends ResourceRequest {
  inputs: PropertyMap;
  preview: boolean;
  /** In seconds; 0: the resource's own default. */
  timeout: number;
}

export interface UpdateRequest extends ResourceRequest {
  id: string;
  oldInputs: PropertyMap;
  oldOutputs: PropertyMap;
  news: PropertyMap;
  preview: boolean;
  timeout: number;
}

export interface ReadRequest extends ResourceRequest {
  id: string;
  inputs: PropertyMap;
  properties: PropertyMap;
}

export interface DeleteRequest extends ResourceRequest {
  id: string;
  inputs: PropertyMap;
  properties: PropertyMap;
  timeout: number;
}

/** What a resource plugin does. A rejection's message is what the person reads. */
export interface Provider {
  checkConfig(request: { olds: PropertyMap; news: PropertyMap }): Promise<CheckResult>;
  diffConfig(request: { olds: PropertyMap; news: PropertyMap }): Promise<DiffResult>;
  configure(inputs: PropertyMap): Promise<void>;
  check(request: CheckRequest): Promise<CheckResult>;
  diff(request: DiffRequest): Promise<DiffResult>;
  create(request: CreateRequest): Promise<{ id: string; outputs: PropertyMap }>;
  /** Undefined: the resource does not exist any more. */
  read(request: ReadRequest): Promise<{ inputs: PropertyMap; outputs: PropertyMap } | undefined>;
  update(request: UpdateRequest): Promise<PropertyMap>;
  delete(request: DeleteRequest): Promise<void>;
  /** The user wants to stop: operations that wait end now. */
  cancel(): void;
}

/** The resource exists, but is not what it should be: the engine records it, and the next run goes on from there. */
export class PartialFailure extends Error {
  readonly id: string;
  readonly outputs: PropertyMap;
  readonly inputs: PropertyMap | undefined;
  readonly reasons: readonly string[];

  /** @param reasons each on a line of its own, under the message */
  constructor(
    message: string,
    state: { id: string; outputs: PropertyMap; inputs?: PropertyMap },
    reasons: readonly string[],
  ) {
    super(message);
    this.name = "PartialFailure";
    this.id = state.id;
    this.outputs = state.outputs;
    this.inputs = state.inputs;
    this.reasons = reasons;
  }
}
