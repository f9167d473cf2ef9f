import assert from "node:assert/strict";
import { createPrivateKey, createPublicKey, sign, verify, X509Certificate } from "node:crypto";
import { makeAuthority, makeSigningKey } from "../../../local/cluster/certificates.ts";

describe("the local cluster's certificates", () => {
  it("are signed by its authority, fit their keys and name user and groups", async () => {
    const authority = await makeAuthority("test-ca");
    const issued = await authority.issue({ user: "system:node:one", groups: ["system:nodes"], servesAs: [] });
    const root = new X509Certificate(authority.certificate);
    const certificate = new X509Certificate(issued.certificate);
    assert.equal(root.ca, true);
    assert.equal(certificate.ca, false);
    assert.equal(certificate.checkIssued(root), true);
    assert.equal(certificate.verify(root.publicKey), true);
    assert.equal(certificate.checkPrivateKey(createPrivateKey(issued.key)), true);
    assert.deepEqual(certificate.subject.split("\n"), ["CN=system:node:one", "O=system:nodes"]);
    assert.deepEqual(certificate.keyUsage, ["1.3.6.1.5.5.7.3.2"], "for clients only");
    assert(Date.parse(certificate.validFrom) < Date.now());
  });

  it("of servers hold for their names and addresses and for no others", async () => {
    const authority = await makeAuthority("test-ca");
    const servesAs = ["kubernetes.default.svc", "198.18.0.1"];
    const { certificate } = await authority.issue({ user: "server", groups: [], servesAs });
    const parsed = new X509Certificate(certificate);
    assert.notEqual(parsed.checkHost("kubernetes.default.svc"), undefined);
    assert.equal(parsed.checkHost("kubernetes.default"), undefined);
    assert.equal(parsed.checkIP("198.18.0.1"), "198.18.0.1");
    assert.equal(parsed.checkIP("198.18.0.2"), undefined);
    assert(parsed.keyUsage.includes("1.3.6.1.5.5.7.3.1"), "for servers as well");
  });

  it("come with a key pair for tokens whose halves belong together", async () => {
    const keys = await makeSigningKey();
    const signature = sign("sha256", Buffer.from("token"), createPrivateKey(keys.private));
    assert.equal(verify("sha256", Buffer.from("token"), createPublicKey(keys.public), signature), true);
  });
});
