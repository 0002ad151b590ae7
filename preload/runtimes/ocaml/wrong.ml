open Ctypes

let labs = Foreign.foreign "labs" (int @-> returning long)
let () = print_endline (Signed.Long.to_string (labs 5))
