// The doors of teachers and the pages of school stages.
import { thisWeek, stagePlans } from "./reading/week.js";
import { recentList } from "./reading/recent.js";

thisWeek();
stagePlans();
recentList();
