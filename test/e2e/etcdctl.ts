/** A member as `etcdctl member list -w json` prints it. */
export interface ListedMember {
  /** Decimal. */
  readonly ID: string;
  /** Missing until the member has started. */
  readonly name?: string;
  readonly peerURLs: readonly string[];
  readonly clientURLs?: readonly string[];
  readonly isLearner?: boolean;
}

/** etcdctl prints IDs as JSON numbers beyond 2^53: they are read as the text they are. */
export function parseMembers(json: string): ListedMember[] {
  const text = json.replaceAll(/"(ID|cluster_id|member_id|raft_term)":(\d+)/g, '"$1":"$2"');
  return (JSON.parse(text) as { members: ListedMember[] }).members;
}
