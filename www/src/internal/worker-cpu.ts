import * as glue from "../../wasm/countersign_cpu.js";
import { serve } from "./serve.ts";

serve(glue);
