// A story is played and read aloud.
import { playScenario } from "./reading/play.js";
import { readAloud } from "./reading/speak.js";

playScenario();
readAloud();
