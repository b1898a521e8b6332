// Pages of words: read aloud, one-page lists to keep, a table to look in.
import { lookup } from "./reading/lookup.js";
import { sheets } from "./reading/sheet.js";
import { readAloud } from "./reading/speak.js";

lookup();
sheets();
readAloud();
