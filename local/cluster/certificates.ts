// The certificate library's decorators need this first.
import "reflect-metadata";
import {
  BasicConstraintsExtension,
  ExtendedKeyUsage,
  ExtendedKeyUsageExtension,
  type GeneralNameType,
  type JsonGeneralName,
  KeyUsageFlags,
  KeyUsagesExtension,
  PemConverter,
  SubjectAlternativeNameExtension,
  X509CertificateGenerator,
} from "@peculiar/x509";
import type { webcrypto } from "node:crypto";
import { isIP } from "node:net";

/** Whom a certificate is for. */
export interface Identity {
  /** The common name: Kubernetes' user name. */
  user: string;
  /** Organisations: Kubernetes' groups. */
  groups: readonly string[];
  /** DNS names and IP addresses it serves as; none makes it a client's certificate only. */
  servesAs: readonly string[];
}

/** A certificate and its private key as PEM. */
export interface IssuedCertificate {
  certificate: string;
  key: string;
}

/** A certificate authority that can issue, while this process lives: its private key is never written down. */
export interface Authority {
  certificate: string;
  issue(identity: Identity): Promise<IssuedCertificate>;
}

const algorithm = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" } as const;
const day = 24 * 60 * 60 * 1000;
/** Days a certificate is valid: longer than any local cluster lives, which is made anew by `down` and `up`. */
const validity = 3650;

function lifetime(): { notBefore: Date; notAfter: Date } {
  // An hour back: a clock that is set right meanwhile must not make the cluster's keys invalid.
  return { notBefore: new Date(Date.now() - day / 24), notAfter: new Date(Date.now() + validity * day) };
}

async function newKeys(): Promise<webcrypto.CryptoKeyPair> {
  return crypto.subtle.generateKey(algorithm, true, ["sign", "verify"]);
}

async function privatePem(keys: webcrypto.CryptoKeyPair): Promise<string> {
  return PemConverter.encode(await crypto.subtle.exportKey("pkcs8", keys.privateKey), "PRIVATE KEY") + "\n";
}

/** Makes a certificate authority. */
export async function makeAuthority(name: string): Promise<Authority> {
  const keys = await newKeys();
  const root = await X509CertificateGenerator.createSelfSigned({
    ...lifetime(),
    name: [{ CN: [name] }],
    keys,
    signingAlgorithm: algorithm,
    extensions: [
      new BasicConstraintsExtension(true, undefined, true),
      new KeyUsagesExtension(KeyUsageFlags.keyCertSign | KeyUsageFlags.digitalSignature, true),
    ],
  });
  const issue = async ({ user, groups, servesAs }: Identity): Promise<IssuedCertificate> => {
    const own = await newKeys();
    const usages = [ExtendedKeyUsage.clientAuth, ...(servesAs.length > 0 ? [ExtendedKeyUsage.serverAuth] : [])];
    const names = servesAs.map((value): JsonGeneralName => ({ type: nameType(value), value }));
    const certificate = await X509CertificateGenerator.create({
      ...lifetime(),
      subject: [{ CN: [user] }, ...groups.map((group) => ({ O: [group] }))],
      issuer: root.subject,
      publicKey: own.publicKey,
      signingKey: keys.privateKey,
      signingAlgorithm: algorithm,
      extensions: [
        new KeyUsagesExtension(KeyUsageFlags.digitalSignature, true),
        new ExtendedKeyUsageExtension(usages),
        ...(names.length > 0 ? [new SubjectAlternativeNameExtension(names)] : []),
      ],
    });
    return { certificate: certificate.toString("pem") + "\n", key: await privatePem(own) };
  };
  return { certificate: root.toString("pem") + "\n", issue };
}

function nameType(value: string): GeneralNameType {
  return isIP(value) === 0 ? "dns" : "ip";
}

/** Makes a key pair for signing tokens, as PEM. */
export async function makeSigningKey(): Promise<{ private: string; public: string }> {
  const keys = await newKeys();
  const publicKey = await crypto.subtle.exportKey("spki", keys.publicKey);
  return { private: await privatePem(keys), public: PemConverter.encode(publicKey, "PUBLIC KEY") + "\n" };
}
