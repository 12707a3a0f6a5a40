# SPDX-License-Identifier: Apache-2.0
# TorchScript: layers on weights in oneDNN's own layout. A library apart, as builds without oneDNN lack these operators.
class Packed(Module):
  __parameters__ = []
  __buffers__ = []
  training : bool
  _is_full_backward_hook : Optional[bool]

  def forward(self, x: Tensor) -> Tensor:
    return x

  def bfloat16(self, x: Tensor) -> Tensor:
    return torch.tensor(ops.mkldnn._is_mkldnn_bf16_supported())

  def float16(self, x: Tensor) -> Tensor:
    return torch.tensor(ops.mkldnn._is_mkldnn_fp16_supported())

  def pack_linear(self, weight: Tensor) -> Tensor:
    return ops.mkldnn._reorder_linear_weight(weight)

  def linear(self, x: Tensor, weight: Tensor) -> Tensor:
    return ops.mkldnn._linear_pointwise(x, weight, None, "none", annotate(List[Optional[number]], []), "")

  def linear_bias(self, x: Tensor, weight: Tensor, bias: Tensor) -> Tensor:
    return ops.mkldnn._linear_pointwise(x, weight, bias, "none", annotate(List[Optional[number]], []), "")

  def linear_gelu(self, x: Tensor, weight: Tensor) -> Tensor:
    return ops.mkldnn._linear_pointwise(x, weight, None, "gelu", annotate(List[Optional[number]], []), "none")

  def linear_gelu_bias(self, x: Tensor, weight: Tensor, bias: Tensor) -> Tensor:
    return ops.mkldnn._linear_pointwise(x, weight, bias, "gelu", annotate(List[Optional[number]], []), "none")

  def pack_conv2d(self, x: Tensor, weight: Tensor, stride: Tensor, padding: Tensor) -> Tensor:
    s = int(stride)
    p = int(padding)
    return ops.mkldnn._reorder_convolution_weight(weight, [p, p], [s, s], [1, 1], 1, torch.size(x))

  def conv2d(self, x: Tensor, weight: Tensor, stride: Tensor, padding: Tensor) -> Tensor:
    s = int(stride)
    p = int(padding)
    return ops.mkldnn._convolution_pointwise(x, weight, None, [p, p], [s, s], [1, 1], 1, "none", annotate(List[Optional[number]], []), "")

  def conv2d_bias(self, x: Tensor, weight: Tensor, bias: Tensor, stride: Tensor, padding: Tensor) -> Tensor:
    s = int(stride)
    p = int(padding)
    return ops.mkldnn._convolution_pointwise(x, weight, bias, [p, p], [s, s], [1, 1], 1, "none", annotate(List[Optional[number]], []), "")

  def pack_conv_transpose2d(self, x: Tensor, weight: Tensor, stride: Tensor, padding: Tensor) -> Tensor:
    s = int(stride)
    p = int(padding)
    return ops.mkldnn._reorder_convolution_transpose_weight(weight, [p, p], [0, 0], [s, s], [1, 1], 1, torch.size(x))

  def conv_transpose2d(self, x: Tensor, weight: Tensor, stride: Tensor, padding: Tensor) -> Tensor:
    s = int(stride)
    p = int(padding)
    return ops.mkldnn._convolution_transpose_pointwise(x, weight, None, [p, p], [0, 0], [s, s], [1, 1], 1, "none", annotate(List[Optional[number]], []), "")

  def conv_transpose2d_bias(self, x: Tensor, weight: Tensor, bias: Tensor, stride: Tensor, padding: Tensor) -> Tensor:
    s = int(stride)
    p = int(padding)
    return ops.mkldnn._convolution_transpose_pointwise(x, weight, bias, [p, p], [0, 0], [s, s], [1, 1], 1, "none", annotate(List[Optional[number]], []), "")
