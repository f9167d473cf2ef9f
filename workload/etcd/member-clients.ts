import { MemberClient, type MemberAddress } from "./member-client.ts";

/** Finds out which members there are now. */
export type FindMembers = () => Promise<readonly MemberAddress[]>;

/** One client per member, for the members there are: they may be added and removed while it runs. */
export class MemberClients {
  readonly #find: FindMembers;
  readonly #deadlineMs: number;
  readonly #clients = new Map<string, MemberClient>();
  #current: readonly MemberClient[] = [];

  constructor(find: FindMembers, deadlineMs: number) {
    this.#find = find;
    this.#deadlineMs = deadlineMs;
  }

  /** The clients of the members seen by the last refresh that saw any. */
  get current(): readonly MemberClient[] {
    return this.#current;
  }

  /** Looks again; when no member is to be seen, the last ones stay. */
  async refresh(): Promise<void> {
    const found = await this.#find();
    if (found.length > 0) this.#current = found.map((address) => this.#clientOf(address));
  }

  close(): void {
    for (const client of this.#clients.values()) client.close();
  }

  #clientOf(address: MemberAddress): MemberClient {
    const name = `${address.host}:${address.port ?? 2379}`;
    const known = this.#clients.get(name);
    if (known !== undefined) return known;
    const made = new MemberClient(address, this.#deadlineMs);
    this.#clients.set(name, made);
    return made;
  }
}
