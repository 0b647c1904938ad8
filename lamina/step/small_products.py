"""C++ for products of small matrices inside the compiled step.

A call of the general product costs 1 to 2 us before it multiplies; below `MOST_PRODUCTS` that is
more than the multiplying itself. The text is put before Inductor's generated C++.
"""

MOST_PRODUCTS = 1 << 16
"""Multiply-adds up to which a product is computed here; larger ones go to torch's own."""

CPP_TEXT = r"""
#include <algorithm>
#include <ATen/cpu/vec/vec.h>

namespace lamina {
using Vector = at::vec::Vectorized<float>;
constexpr int64_t kMostProducts = MOST_PRODUCTS;
constexpr int64_t kMostPacked = 4096;

// Rows of `c = start + a @ b` for up to one vector of columns, kept in registers.
template <int kRows, bool kFull>
inline void rows(const float* a, int64_t a_row, int64_t a_column, const float* b, int64_t b_row,
                 const float* start, float* c, int64_t c_row, int64_t columns, int64_t depth) {
  auto load = [&](const float* from) {
    return kFull ? Vector::loadu(from) : Vector::loadu(from, columns);
  };
  Vector sums[kRows];
  const Vector first = start ? load(start) : Vector(0.0f);
  for (int r = 0; r < kRows; ++r) sums[r] = first;
  for (int64_t k = 0; k < depth; ++k) {
    const Vector line = load(b + k * b_row);
    for (int r = 0; r < kRows; ++r) {
      sums[r] = at::vec::fmadd(Vector(a[r * a_row + k * a_column]), line, sums[r]);
    }
  }
  for (int r = 0; r < kRows; ++r) {
    kFull ? sums[r].store(c + r * c_row) : sums[r].store(c + r * c_row, columns);
  }
}

template <bool kFull>
inline void columns_of(const float* a, int64_t a_row, int64_t a_column, const float* b,
                       int64_t b_row, const float* start, float* c, int64_t c_row,
                       int64_t height, int64_t columns, int64_t depth) {
  int64_t m = 0;
  for (; m + 8 <= height; m += 8) {
    rows<8, kFull>(a + m * a_row, a_row, a_column, b, b_row, start, c + m * c_row, c_row,
                   columns, depth);
  }
  for (; m < height; ++m) {
    rows<1, kFull>(a + m * a_row, a_row, a_column, b, b_row, start, c + m * c_row, c_row,
                   columns, depth);
  }
}

template <typename T>
inline T* data_of(AtenTensorHandle tensor) {
  void* pointer;
  aoti_torch_get_data_ptr(tensor, &pointer);
  return static_cast<T*>(pointer);
}

// Computes out = bias + left @ right; says `false` where torch's own product is to do it.
inline bool product(AtenTensorHandle out, AtenTensorHandle bias, AtenTensorHandle left,
                    AtenTensorHandle right) {
  int32_t dtype;
  int64_t *shape, *c_strides, *left_shape, *a_strides, *b_strides;
  aoti_torch_get_dtype(out, &dtype);
  aoti_torch_get_sizes(out, &shape);
  aoti_torch_get_sizes(left, &left_shape);
  const int64_t height = shape[0], width = shape[1], depth = left_shape[1];
  if (dtype != aoti_torch_dtype_float32() || height * width * depth > kMostProducts ||
      depth * width > kMostPacked) {
    return false;
  }
  aoti_torch_get_strides(out, &c_strides);
  aoti_torch_get_strides(left, &a_strides);
  aoti_torch_get_strides(right, &b_strides);
  if (width != 1 && c_strides[1] != 1) return false;
  const float* start = nullptr;
  if (bias) {
    int64_t rank, *bias_shape, *bias_strides;
    aoti_torch_get_dim(bias, &rank);
    aoti_torch_get_sizes(bias, &bias_shape);
    aoti_torch_get_strides(bias, &bias_strides);
    if (rank != 1 || bias_shape[0] != width || (width != 1 && bias_strides[0] != 1)) return false;
    start = data_of<const float>(bias);
  }
  const float* a = data_of<const float>(left);
  const float* b = data_of<const float>(right);
  float* c = data_of<float>(out);
  int64_t b_row = b_strides[0];
  float packed[kMostPacked];
  if (width != 1 && b_strides[1] != 1) {
    for (int64_t n = 0; n < width; ++n) {
      for (int64_t k = 0; k < depth; ++k) {
        packed[k * width + n] = b[k * b_strides[0] + n * b_strides[1]];
      }
    }
    b = packed;
    b_row = width;
  }
  for (int64_t n = 0; n < width; n += Vector::size()) {
    const int64_t columns = std::min<int64_t>(Vector::size(), width - n);
    const float* from = start ? start + n : nullptr;
    if (columns == Vector::size()) {
      columns_of<true>(a, a_strides[0], a_strides[1], b + n, b_row, from, c + n, c_strides[0],
                       height, columns, depth);
    } else {
      columns_of<false>(a, a_strides[0], a_strides[1], b + n, b_row, from, c + n, c_strides[0],
                        height, columns, depth);
    }
  }
  return true;
}

inline AOTITorchError mm(AtenTensorHandle out, AtenTensorHandle left, AtenTensorHandle right) {
  if (product(out, nullptr, left, right)) return AOTI_TORCH_SUCCESS;
  return aoti_torch_cpu_mm_out(out, left, right);
}

inline AOTITorchError addmm(AtenTensorHandle out, AtenTensorHandle bias, AtenTensorHandle left,
                            AtenTensorHandle right, double beta, double alpha) {
  if (beta == 1 && alpha == 1 && product(out, bias, left, right)) return AOTI_TORCH_SUCCESS;
  return aoti_torch_cpu_addmm_out(out, bias, left, right, beta, alpha);
}
}  // namespace lamina

#define aoti_torch_cpu_mm_out lamina::mm
#define aoti_torch_cpu_addmm_out lamina::addmm
""".replace("MOST_PRODUCTS", str(MOST_PRODUCTS))
