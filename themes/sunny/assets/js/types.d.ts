// Shapes of the messages of quizserver/openapi.yaml, global so that JSDoc can name them.

type ItemType = "single" | "multiple" | "truefalse" | "poll" | "fill" | "ordering";
type RoomState = "lobby" | "ready" | "open" | "paused" | "closed" | "revealed" | "ended";
type HostAction =
  | "open" | "close" | "reveal" | "next" | "end" | "pause" | "resume"
  | "reopen" | "extend" | "skip" | "undo" | "kick" | "readmit" | "hide";

interface Picture { src: string; alt: string }
interface Option { id: string; text: string; reading?: string[]; image?: Picture }
type PinyinStart = "shown" | "offered";

interface Prompt {
  id: string;
  type: ItemType;
  stem: string;
  reading?: string[];
  image?: Picture;
  options: Option[];
  points: number;
  seconds: number;
}

/** Ids of options (in order for an ordering item), or the words of a fill-in. */
type Choice = string[] | string;

interface QuizSummary { id: string; title: string; summary: string; audience?: string[]; item_count: number }
interface Quiz { id: string; title: string; pinyin?: PinyinStart; items: Prompt[] }
interface CheckResult { correct: boolean; key: string[]; explanation: string }

interface RoomOpened { code: string; host_token: string }
interface SeatTaken { seat: number; nickname: string; seat_token: string }
interface Receipt { item: string; opening: number; choice: string[]; received_at: number; kept: boolean; help?: boolean }
interface Tally { item: string; opening: number; answered: number; connected: number; done?: number; counts?: Record<string, number> }
interface Reach { join_url: string; loopback_only: boolean }
interface Seat { seat: number; nickname: string; connected: boolean; answered: boolean; kicked: boolean }

interface Reveal {
  item: string;
  key: string[];
  counts: Record<string, number>;
  answered: number;
  correct: number;
  explanation: string;
}

interface Board {
  top: { rank: number; seat: number; nickname: string; points: number }[];
  answered: number;
  correct: number;
  points: number;
}

interface Own {
  seat: number; nickname: string; points: number; choice?: string[]; correct?: boolean;
  /** Of a self-paced room, by item. */
  choices?: Record<string, string[]>; marks?: Record<string, boolean>;
  /** Of a clock of the seat's own; -1 for no limit. */
  remaining_ms?: number;
}

interface Room {
  code: string;
  state: RoomState;
  version: number;
  mode: string;
  timer: string;
  title: string;
  pinyin?: PinyinStart;
  item: number;
  item_count: number;
  opening: number;
  seats: number;
  prompt?: Prompt;
  items?: Prompt[];
  remaining_ms?: number;
  answered?: Record<string, number>;
  connected?: number;
  counts?: Record<string, number>;
  seat_list?: Seat[];
  reveal?: Reveal;
  reveals?: Reveal[];
  done?: number;
  bonus?: boolean;
  extra?: Record<string, number>;
  board?: Board;
  board_hidden?: boolean;
  concern?: boolean;
  choices?: Record<string, string[]>;
  can_undo?: boolean;
  claims?: string[];
  own?: Own;
  join_url?: string;
  loopback_only?: boolean;
}

interface Hit { url: string; title: string; snippet: string; kind: string; audience: string[] }
interface SearchResult {
  total: number;
  took_ms: number;
  hits: Hit[];
  facets: Record<string, { value: string; count: number }[]>;
  did_you_mean: string | null;
  help: boolean;
}

interface Setup {
  site_url: string;
  lan_urls: string[];
  qr_svg?: string;
  loopback_only: boolean;
  has_account: boolean;
  version: string;
  os: string;
}

/** Of a lesson as it was held; times in minutes. */
interface HeldStep { title: string; planned: number; used: number; held: boolean }
/** What the projected lesson hands over to be filed. */
interface HeldLesson { lesson: string; title: string; form: string; held_on: string; minutes: number; steps: HeldStep[] }

interface Organisation { id: string; parent: string; kind: "school" | "office"; name: string; meetings: number }
interface Named { id: string; name: string }
interface Term { id: string; name: string; from: string; to: string }
interface Coverage { classes: number; due: number; held: number; missing: number }
interface Overview {
  term: Term; terms: Term[]; organisation: Organisation; above: Named[]; total: Coverage;
  units: (Coverage & Named & { kind: "school" | "office"; meetings: number })[];
  classes: (Coverage & Named & { records: number })[];
  forms: { form: string; records: number }[];
  who: string; may_file: boolean; may_manage: boolean;
}
interface LessonRecord extends HeldLesson {
  id: string; class: Named; term: string; meeting: boolean; teacher: string;
  filed_by: string; filed_on: string; late: boolean; changed_on: string; changed_at: number; may_change: boolean;
}
