/**
 * What a plugin keeps for each engine it serves. A plugin that an engine has started serves that one, whose address it knows
 * from the start. One that engines attach to is told the address by the handshake, the first call of a connection, and tells
 * connections apart by their other end: within one command the engine makes several, each with a configuration of its own.
 */
export class Sessions<Session> {
  readonly #create: (engine: string) => Session;
  readonly #only: Session | undefined;
  readonly #byPeer = new Map<string, Session>();

  /**
   * @param create makes what is kept for the engine at an address
   * @param engine the address of the only engine; undefined: engines attach
   */
  constructor(create: (engine: string) => Session, engine: string | undefined) {
    this.#create = create;
    this.#only = engine === undefined ? undefined : create(engine);
  }

  /** The handshake of a connection. */
  open(peer: string, engine: string): void {
    if (this.#only === undefined) this.#byPeer.set(peer, this.#create(engine));
  }

  /** @throws Error where the connection had no handshake: the engine made it anew, and whose it is can't be known */
  of(peer: string): Session {
    const session = this.#only ?? this.#byPeer.get(peer);
    if (session === undefined) {
      throw new Error("the engine's connection to the plugin broke off: run the command again, it goes on");
    }
    return session;
  }

  all(): readonly Session[] {
    return this.#only === undefined ? [...this.#byPeer.values()] : [this.#only];
  }
}
