{-# LANGUAGE ForeignFunctionInterface #-}
import Foreign
import Foreign.C

type Compare = Ptr CInt -> Ptr CInt -> IO CInt

foreign import ccall "labs" labs :: CLong -> IO CLong
foreign import ccall "wrapper" callback :: Compare -> IO (FunPtr Compare)
foreign import ccall "qsort" qsort :: Ptr CInt -> CSize -> CSize -> FunPtr Compare -> IO ()

main :: IO ()
main = withArray [3, 1, 2] $ \numbers -> do
  compare' <- callback (\a b -> (-) <$> peek a <*> peek b)
  qsort numbers 3 4 compare'
  sorted <- peekArray 3 numbers
  value <- labs (-5)
  print (value, sorted)
