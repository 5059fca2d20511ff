const _: () = {
    #[doc(hidden)]
    pub struct __Outcomes
    where
        Odometer: ::smartcar_batch::__private::Endpoint,
        Fuel: ::smartcar_batch::__private::Endpoint,
        Nested: ::smartcar_batch::__private::BatchField,
        Value: ::smartcar_batch::__private::Body,
    {
        odometer: <Reading<
            Odometer,
        > as ::smartcar_batch::__private::BatchField>::Outcomes,
        fuel: <Option<
            Reading<Fuel>,
        > as ::smartcar_batch::__private::BatchField>::Outcomes,
        nested: <Nested as ::smartcar_batch::__private::BatchField>::Outcomes,
        wiper: <Value as ::smartcar_batch::__private::Body>::Outcomes,
    }
    #[automatically_derived]
    impl ::core::default::Default for __Outcomes
    where
        Odometer: ::smartcar_batch::__private::Endpoint,
        Fuel: ::smartcar_batch::__private::Endpoint,
        Nested: ::smartcar_batch::__private::BatchField,
        Value: ::smartcar_batch::__private::Body,
    {
        fn default() -> Self {
            Self {
                odometer: ::core::default::Default::default(),
                fuel: ::core::default::Default::default(),
                nested: ::core::default::Default::default(),
                wiper: ::core::default::Default::default(),
            }
        }
    }
    impl __Outcomes
    where
        Odometer: ::smartcar_batch::__private::Endpoint,
        Fuel: ::smartcar_batch::__private::Endpoint,
        Nested: ::smartcar_batch::__private::BatchField,
        Value: ::smartcar_batch::__private::Body,
    {
        /// The end of each field's range of indexes.
        const ENDS: [usize; 4usize] = ::smartcar_batch::__private::ends(
            &<Snapshot as ::smartcar_batch::__private::BatchField>::PATHS,
        );
    }
    #[automatically_derived]
    impl ::smartcar_batch::__private::Outcomes for __Outcomes
    where
        Odometer: ::smartcar_batch::__private::Endpoint,
        Fuel: ::smartcar_batch::__private::Endpoint,
        Nested: ::smartcar_batch::__private::BatchField,
        Value: ::smartcar_batch::__private::Body,
    {
        fn accept(
            &mut self,
            index: usize,
            answer: &::smartcar_batch::__private::ItemResponse<'_>,
        ) {
            match index {
                index if index < Self::ENDS[0usize] => {
                    ::smartcar_batch::__private::Outcomes::accept(
                        &mut self.odometer,
                        index,
                        answer,
                    )
                }
                index if index < Self::ENDS[1usize] => {
                    ::smartcar_batch::__private::Outcomes::accept(
                        &mut self.fuel,
                        index - Self::ENDS[0usize],
                        answer,
                    )
                }
                index if index < Self::ENDS[2usize] => {
                    ::smartcar_batch::__private::Outcomes::accept(
                        &mut self.nested,
                        index - Self::ENDS[1usize],
                        answer,
                    )
                }
                index if index < Self::ENDS[3usize] => {
                    ::smartcar_batch::__private::Outcomes::accept(
                        &mut self.wiper,
                        index - Self::ENDS[2usize],
                        answer,
                    )
                }
                _ => {}
            }
        }
        fn fail(&mut self, index: usize, error: ::smartcar_batch::__private::ItemError) {
            match index {
                index if index < Self::ENDS[0usize] => {
                    ::smartcar_batch::__private::Outcomes::fail(
                        &mut self.odometer,
                        index,
                        error,
                    )
                }
                index if index < Self::ENDS[1usize] => {
                    ::smartcar_batch::__private::Outcomes::fail(
                        &mut self.fuel,
                        index - Self::ENDS[0usize],
                        error,
                    )
                }
                index if index < Self::ENDS[2usize] => {
                    ::smartcar_batch::__private::Outcomes::fail(
                        &mut self.nested,
                        index - Self::ENDS[1usize],
                        error,
                    )
                }
                index if index < Self::ENDS[3usize] => {
                    ::smartcar_batch::__private::Outcomes::fail(
                        &mut self.wiper,
                        index - Self::ENDS[2usize],
                        error,
                    )
                }
                _ => {}
            }
        }
        fn error(
            &self,
            index: usize,
        ) -> ::core::option::Option<&::smartcar_batch::__private::ItemError> {
            match index {
                index if index < Self::ENDS[0usize] => {
                    ::smartcar_batch::__private::Outcomes::error(&self.odometer, index)
                }
                index if index < Self::ENDS[1usize] => {
                    ::smartcar_batch::__private::Outcomes::error(
                        &self.fuel,
                        index - Self::ENDS[0usize],
                    )
                }
                index if index < Self::ENDS[2usize] => {
                    ::smartcar_batch::__private::Outcomes::error(
                        &self.nested,
                        index - Self::ENDS[1usize],
                    )
                }
                index if index < Self::ENDS[3usize] => {
                    ::smartcar_batch::__private::Outcomes::error(
                        &self.wiper,
                        index - Self::ENDS[2usize],
                    )
                }
                _ => ::core::option::Option::None,
            }
        }
        fn read_body(
            &mut self,
            index: usize,
            text: &::core::primitive::str,
        ) -> ::core::option::Option<usize> {
            match index {
                index if index < Self::ENDS[0usize] => {
                    ::smartcar_batch::__private::Outcomes::read_body(
                        &mut self.odometer,
                        index,
                        text,
                    )
                }
                index if index < Self::ENDS[1usize] => {
                    ::smartcar_batch::__private::Outcomes::read_body(
                        &mut self.fuel,
                        index - Self::ENDS[0usize],
                        text,
                    )
                }
                index if index < Self::ENDS[2usize] => {
                    ::smartcar_batch::__private::Outcomes::read_body(
                        &mut self.nested,
                        index - Self::ENDS[1usize],
                        text,
                    )
                }
                index if index < Self::ENDS[3usize] => {
                    ::smartcar_batch::__private::Outcomes::read_body(
                        &mut self.wiper,
                        index - Self::ENDS[2usize],
                        text,
                    )
                }
                _ => ::core::option::Option::None,
            }
        }
        fn label(&mut self, index: usize, meta: ::smartcar_batch::__private::Meta) {
            match index {
                index if index < Self::ENDS[0usize] => {
                    ::smartcar_batch::__private::Outcomes::label(
                        &mut self.odometer,
                        index,
                        meta,
                    )
                }
                index if index < Self::ENDS[1usize] => {
                    ::smartcar_batch::__private::Outcomes::label(
                        &mut self.fuel,
                        index - Self::ENDS[0usize],
                        meta,
                    )
                }
                index if index < Self::ENDS[2usize] => {
                    ::smartcar_batch::__private::Outcomes::label(
                        &mut self.nested,
                        index - Self::ENDS[1usize],
                        meta,
                    )
                }
                index if index < Self::ENDS[3usize] => {
                    ::smartcar_batch::__private::Outcomes::label(
                        &mut self.wiper,
                        index - Self::ENDS[2usize],
                        meta,
                    )
                }
                _ => {}
            }
        }
    }
    #[automatically_derived]
    impl ::smartcar_batch::__private::BatchField for Snapshot
    where
        Odometer: ::smartcar_batch::__private::Endpoint,
        Fuel: ::smartcar_batch::__private::Endpoint,
        Nested: ::smartcar_batch::__private::BatchField,
        Value: ::smartcar_batch::__private::Body,
    {
        type Outcomes = __Outcomes;
        const PATHS: ::smartcar_batch::__private::Paths = ::smartcar_batch::__private::Paths::All(
            &[
                <Reading<Odometer> as ::smartcar_batch::__private::BatchField>::PATHS,
                <Option<
                    Reading<Fuel>,
                > as ::smartcar_batch::__private::BatchField>::PATHS,
                <Nested as ::smartcar_batch::__private::BatchField>::PATHS,
                ::smartcar_batch::__private::Paths::One("/wiper/fluid"),
            ],
        );
        fn field(
            outcomes: Self::Outcomes,
        ) -> ::core::result::Result<
            Self,
            ::smartcar_batch::__private::RequiredItemError,
        > {
            ::core::result::Result::Ok(Self {
                odometer: ::smartcar_batch::__private::BatchField::field(
                    outcomes.odometer,
                )?,
                fuel: ::smartcar_batch::__private::BatchField::field(outcomes.fuel)?,
                nested: ::smartcar_batch::__private::BatchField::field(outcomes.nested)?,
                wiper: ::smartcar_batch::__private::Body::field(
                    outcomes.wiper,
                    "/wiper/fluid",
                )?,
            })
        }
    }
    #[automatically_derived]
    impl ::smartcar_batch::__private::Batch for Snapshot
    where
        Odometer: ::smartcar_batch::__private::Endpoint,
        Fuel: ::smartcar_batch::__private::Endpoint,
        Nested: ::smartcar_batch::__private::BatchField,
        Value: ::smartcar_batch::__private::Body,
    {
        type Data = Self;
        type Outcomes = __Outcomes;
        const PATHS: ::smartcar_batch::__private::Paths = <Self as ::smartcar_batch::__private::BatchField>::PATHS;
        fn outcomes() -> Self::Outcomes {
            ::core::default::Default::default()
        }
        fn data(
            outcomes: Self::Outcomes,
        ) -> ::core::result::Result<
            Self,
            ::smartcar_batch::__private::RequiredItemError,
        > {
            ::smartcar_batch::__private::BatchField::field(outcomes)
        }
    }
    const __REPEATS: [bool; 4usize] = ::smartcar_batch::__private::repeats(
        &<Snapshot as ::smartcar_batch::__private::BatchField>::PATHS,
    );
    const _: () = ::core::assert!(
        ! __REPEATS[1usize],
        "the field `fuel` requests a path that a field above it requests too, and each is charged: remove one of the two"
    );
    const _: () = ::core::assert!(
        ! __REPEATS[2usize],
        "the field `nested` requests a path that a field above it requests too, and each is charged: remove one of the two"
    );
    const _: () = ::core::assert!(
        ! __REPEATS[3usize],
        "the field `wiper` requests a path that a field above it requests too, and each is charged: remove one of the two"
    );
};

const _: () = {
    #[doc(hidden)]
    pub struct __Outcomes<E: Endpoint>
    where
        E: Clone,
        E: my::smartcar::__private::Endpoint,
        Option<Reading<E>>: my::smartcar::__private::PathField,
    {
        reading: <Result<
            Reading<E>,
            ItemError,
        > as my::smartcar::__private::BatchField>::Outcomes,
        wiper: <Option<Reading<E>> as my::smartcar::__private::PathField>::Outcomes,
    }
    #[automatically_derived]
    impl<E: Endpoint> ::core::default::Default for __Outcomes<E>
    where
        E: Clone,
        E: my::smartcar::__private::Endpoint,
        Option<Reading<E>>: my::smartcar::__private::PathField,
    {
        fn default() -> Self {
            Self {
                reading: ::core::default::Default::default(),
                wiper: ::core::default::Default::default(),
            }
        }
    }
    impl<E: Endpoint> __Outcomes<E>
    where
        E: Clone,
        E: my::smartcar::__private::Endpoint,
        Option<Reading<E>>: my::smartcar::__private::PathField,
    {
        /// The end of each field's range of indexes.
        const ENDS: [usize; 2usize] = my::smartcar::__private::ends(
            &<With<E> as my::smartcar::__private::BatchField>::PATHS,
        );
    }
    #[automatically_derived]
    impl<E: Endpoint> my::smartcar::__private::Outcomes for __Outcomes<E>
    where
        E: Clone,
        E: my::smartcar::__private::Endpoint,
        Option<Reading<E>>: my::smartcar::__private::PathField,
    {
        fn accept(
            &mut self,
            index: usize,
            answer: &my::smartcar::__private::ItemResponse<'_>,
        ) {
            match index {
                index if index < Self::ENDS[0usize] => {
                    my::smartcar::__private::Outcomes::accept(
                        &mut self.reading,
                        index,
                        answer,
                    )
                }
                index if index < Self::ENDS[1usize] => {
                    my::smartcar::__private::Outcomes::accept(
                        &mut self.wiper,
                        index - Self::ENDS[0usize],
                        answer,
                    )
                }
                _ => {}
            }
        }
        fn fail(&mut self, index: usize, error: my::smartcar::__private::ItemError) {
            match index {
                index if index < Self::ENDS[0usize] => {
                    my::smartcar::__private::Outcomes::fail(
                        &mut self.reading,
                        index,
                        error,
                    )
                }
                index if index < Self::ENDS[1usize] => {
                    my::smartcar::__private::Outcomes::fail(
                        &mut self.wiper,
                        index - Self::ENDS[0usize],
                        error,
                    )
                }
                _ => {}
            }
        }
        fn error(
            &self,
            index: usize,
        ) -> ::core::option::Option<&my::smartcar::__private::ItemError> {
            match index {
                index if index < Self::ENDS[0usize] => {
                    my::smartcar::__private::Outcomes::error(&self.reading, index)
                }
                index if index < Self::ENDS[1usize] => {
                    my::smartcar::__private::Outcomes::error(
                        &self.wiper,
                        index - Self::ENDS[0usize],
                    )
                }
                _ => ::core::option::Option::None,
            }
        }
        fn read_body(
            &mut self,
            index: usize,
            text: &::core::primitive::str,
        ) -> ::core::option::Option<usize> {
            match index {
                index if index < Self::ENDS[0usize] => {
                    my::smartcar::__private::Outcomes::read_body(
                        &mut self.reading,
                        index,
                        text,
                    )
                }
                index if index < Self::ENDS[1usize] => {
                    my::smartcar::__private::Outcomes::read_body(
                        &mut self.wiper,
                        index - Self::ENDS[0usize],
                        text,
                    )
                }
                _ => ::core::option::Option::None,
            }
        }
        fn label(&mut self, index: usize, meta: my::smartcar::__private::Meta) {
            match index {
                index if index < Self::ENDS[0usize] => {
                    my::smartcar::__private::Outcomes::label(
                        &mut self.reading,
                        index,
                        meta,
                    )
                }
                index if index < Self::ENDS[1usize] => {
                    my::smartcar::__private::Outcomes::label(
                        &mut self.wiper,
                        index - Self::ENDS[0usize],
                        meta,
                    )
                }
                _ => {}
            }
        }
    }
    #[automatically_derived]
    impl<E: Endpoint> my::smartcar::__private::BatchField for With<E>
    where
        E: Clone,
        E: my::smartcar::__private::Endpoint,
        Option<Reading<E>>: my::smartcar::__private::PathField,
    {
        type Outcomes = __Outcomes<E>;
        const PATHS: my::smartcar::__private::Paths = my::smartcar::__private::Paths::All(
            &[
                <Result<
                    Reading<E>,
                    ItemError,
                > as my::smartcar::__private::BatchField>::PATHS,
                my::smartcar::__private::Paths::One("/wiper/fluid"),
            ],
        );
        fn field(
            outcomes: Self::Outcomes,
        ) -> ::core::result::Result<Self, my::smartcar::__private::RequiredItemError> {
            ::core::result::Result::Ok(Self {
                reading: my::smartcar::__private::BatchField::field(outcomes.reading)?,
                wiper: my::smartcar::__private::PathField::field(
                    outcomes.wiper,
                    "/wiper/fluid",
                )?,
            })
        }
    }
    #[automatically_derived]
    impl<E: Endpoint> my::smartcar::__private::Batch for With<E>
    where
        E: Clone,
        E: my::smartcar::__private::Endpoint,
        Option<Reading<E>>: my::smartcar::__private::PathField,
    {
        type Data = Self;
        type Outcomes = __Outcomes<E>;
        const PATHS: my::smartcar::__private::Paths = <Self as my::smartcar::__private::BatchField>::PATHS;
        fn outcomes() -> Self::Outcomes {
            ::core::default::Default::default()
        }
        fn data(
            outcomes: Self::Outcomes,
        ) -> ::core::result::Result<Self, my::smartcar::__private::RequiredItemError> {
            my::smartcar::__private::BatchField::field(outcomes)
        }
    }
};
