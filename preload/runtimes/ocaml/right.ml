open Ctypes
open Foreign

let labs = foreign "labs" (long @-> returning long)
let compare = ptr void @-> ptr void @-> returning int
let qsort = foreign "qsort" (ptr void @-> size_t @-> size_t @-> funptr compare @-> returning void)

let () =
  let numbers = CArray.of_list int32_t [ 3l; 1l; 2l ] in
  let value p = Int32.to_int !@(from_voidp int32_t p) in
  let three = Unsigned.Size_t.of_int 3 and four = Unsigned.Size_t.of_int 4 in
  qsort (to_voidp (CArray.start numbers)) three four (fun a b -> value a - value b);
  Printf.printf "%s %ld\n" (Signed.Long.to_string (labs (Signed.Long.of_int (-5)))) (CArray.get numbers 0)
