// Lists that can be narrowed.
import { listFilter } from "./reading/filter.js";

listFilter();
