// Every page with a citation, once it is there (later.html): until then a link's own title does the same.
import { citations } from "./reading/cite.js";

citations();
