import * as glue from "../../wasm/countersign_gpu.js";
import { serve } from "./serve.ts";

serve(glue);
