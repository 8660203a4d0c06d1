import { expect } from "chai";

import { type TlsRefusal, TlsRefusals } from "../../../src/server/http/tls-refusals.ts";

describe("connections that are refused before there is TLS", () => {
  const untrusted = { authorizationError: "CERT_HAS_EXPIRED" as unknown as Error };
  const trusted = { authorizationError: null as unknown as Error };
  const hangUp = Object.assign(new Error("socket hang up"), { code: "ECONNRESET" });

  it("are told of at once, and then at most every ten seconds, with how many there were", () => {
    const told: TlsRefusal[] = [];
    let now = 0;
    const refusals = new TlsRefusals(
      (refusal) => told.push(refusal),
      () => now,
    );
    for (now = 0; now < 25_000; now += 1_000) refusals.refused(hangUp, untrusted, "1.2.3.4");
    const same = { from: "1.2.3.4", why: "CERT_HAS_EXPIRED" };
    expect(told).to.deep.equal([
      { ...same, others: 0 },
      { ...same, others: 9 },
      { ...same, others: 9 },
    ]);
  });

  it("have reasons in words; who leaves without one is not told of", () => {
    const told: string[] = [];
    const reasonOf = (error: Error): void => {
      new TlsRefusals(({ why }) => told.push(why)).refused(error, trusted, "1.2.3.4");
    };
    reasonOf(hangUp);
    reasonOf(new Error("80:error:0A:SSL routines:ssl3_get_record:http request:a/b.c:341:"));
    reasonOf(Object.assign(new Error("TLS handshake timeout"), { code: "ERR_TLS_HANDSHAKE" }));
    expect(told).to.deep.equal(["http request", "ERR_TLS_HANDSHAKE"]);
  });
});
