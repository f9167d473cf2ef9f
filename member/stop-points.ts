/**
 * The moments between two steps of founding, joining and leaving, in the order in which a member comes by them. The program
 * says that it has reached one and does nothing else about it; what tests do there is none of its business.
 */
export const stopPoints = [
  // Founding
  "latch-made",
  "founding-noted",
  "founding-claimed",
  // Joining
  "lost-member-removed",
  "learner-added",
  "joining-noted",
  // Every start
  "etcd-started",
  "wal-there",
  "note-forgotten",
  "promoted",
  "cluster-id-kept",
  // Leaving
  "told-to-stop",
  "leadership-moved",
  "off-the-list",
  "etcd-stopped",
  "wiped",
  // Housekeeping
  "departed-removed",
  "claim-deleted",
] as const;

export type StopPoint = (typeof stopPoints)[number];
