{-# LANGUAGE ForeignFunctionInterface #-}
import Foreign.C

foreign import ccall "labs" labs :: CDouble -> IO CLong

main :: IO ()
main = labs 5 >>= print
