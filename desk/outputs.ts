/** The outputs of a stack, as `pulumi stack output --json` prints them, checked for what the desk needs. */
export interface StackOutputs {
  readonly namespace: string;
  readonly statefulSetName: string;
  /** What the StatefulSet was declared with: 0 is hibernation. */
  readonly replicas: number;
  readonly peerServiceName: string;
  readonly clientServiceName: string;
  readonly clientEndpoint: string;
  readonly memberPeerUrls: readonly string[];
  readonly memberClientUrls: readonly string[];
  readonly clientSelector: string;
  readonly images: Readonly<Record<string, string>>;
}

/** @throws Error where the stack is not up, or is another program's */
export function parseOutputs(json: string): StackOutputs {
  const outputs = JSON.parse(json) as Partial<StackOutputs>;
  const text = (key: keyof StackOutputs): string => {
    const value = outputs[key];
    if (typeof value !== "string") throw new Error(`the stack has no output ${key}: it is not up`);
    return value;
  };
  return {
    namespace: text("namespace"),
    statefulSetName: text("statefulSetName"),
    // A stack from before this output has as many as it has URLs.
    replicas: outputs.replicas ?? outputs.memberClientUrls?.length ?? 0,
    peerServiceName: text("peerServiceName"),
    clientServiceName: text("clientServiceName"),
    clientEndpoint: text("clientEndpoint"),
    clientSelector: text("clientSelector"),
    memberPeerUrls: outputs.memberPeerUrls ?? [],
    memberClientUrls: outputs.memberClientUrls ?? [],
    images: outputs.images ?? {},
  };
}

/** The pods of the declared members. */
export function memberPods(outputs: StackOutputs): string[] {
  return outputs.memberClientUrls.map((_, ordinal) => `${outputs.statefulSetName}-${ordinal}`);
}
