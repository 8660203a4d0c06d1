// What threads that share a heap tell each other: words in it, at places that are said here.

/** The words that all tickets have in common. Tickets are numbers that ascend: who raises `claimed`
 * to the next one has the ticket before it. */
export const desk = {
  /** The first ticket that nobody has, */
  claimed: 0,
  /** and the first that is not given out; `closed` in the end. */
  opened: 1,
  /** How many threads have begun. */
  ready: 2,
  /** How many tickets can be open at a time, a power of two. */
  slots: 3,
  words: 16,
} as const;

/** The words of a ticket, in the slot that its lower bits tell. */
export const ticket = {
  state: 0,
  /** The rows of the rule's scan. */
  from: 1,
  to: 2,
  /** The number of the rule's code; where its bytes begin, and how many there are. */
  code: 3,
  codeAt: 4,
  codeBytes: 5,
  /** Where the function's frame begins. */
  frame: 6,
  words: 16,
} as const;

/** What became of a ticket. */
export const state = {
  open: 0,
  /** There is no more room: what was gathered has to be taken first. */
  full: 1,
  done: 2,
  /** This thread cannot do it. */
  left: 3,
  /** Nobody waits for it any more. */
  abandoned: 4,
} as const;

/** What `opened` is when there will be no more tickets. Tickets are never negative. */
export const closed = -1;

/** The tickets there can be; the next is 0. */
export const ticketsMax = 2 ** 30;
