// The reader of paper cards for the host's screen, which fetches it when a class answers with cards: it is as large as the rest.
import { cardReader } from "./lib/card-reader.js";

/** @type {any} */ (window).sunnyReader = cardReader;
